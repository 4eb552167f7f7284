import { encodeUtf8, type HeaderList } from "../../core/mod.ts";
import { equal } from "../check.ts";
import type { Case, Feature } from "../types.ts";
import { documented, dump, environOf } from "./answers.ts";

/** The request headers in environ. */
export const fieldCases: readonly Case[] = [
  fieldCase("E15", "a header becomes a variable that begins with HTTP_", [["Foo", "Bar"]], {
    HTTP_FOO: "Bar",
  }),
  fieldCase(
    "E16",
    "a repeated header is joined with a comma, in order",
    [
      ["Foo", "bar"],
      ["Foo", "baz"],
    ],
    { HTTP_FOO: "bar, baz" },
    { multiHeaders: { HTTP_FOO: "baz" } },
  ),
  fieldCase(
    "E17",
    "a repeated Cookie header is joined with a semicolon",
    [
      ["Cookie", "a=1"],
      ["Cookie", "b=2"],
    ],
    { HTTP_COOKIE: "a=1; b=2" },
    { cookieCrumbs: { HTTP_COOKIE: "a=1, b=2" }, multiHeaders: { HTTP_COOKIE: "b=2" } },
  ),
  fieldCase("E18", "a header with an empty value is there", [["X-Empty", ""]], {
    HTTP_X_EMPTY: "",
  }),
  {
    id: "E19",
    name: "a header name with an underscore does not pass for one with a dash",
    application: dump,
    async exchange(client) {
      const forged: HeaderList[number] = ["X_Under", "1"];
      const both = await environOf(client, { path: "/", headers: [forged, ["X-Under", "2"]] });
      equal(both.HTTP_X_UNDER, "2", "HTTP_X_UNDER when both were sent");
      const alone = await environOf(client, { path: "/", headers: [forged] });
      equal(alone.HTTP_X_UNDER, undefined, "HTTP_X_UNDER when only X_Under was sent");
    },
  },
  {
    id: "E20",
    name: "Content-Type and Content-Length are CONTENT_TYPE and CONTENT_LENGTH only",
    application: dump,
    async exchange(client) {
      const headers: HeaderList = [["Content-Type", "a/b"]];
      const body = encodeUtf8("abc");
      const post = await environOf(client, { method: "POST", path: "/", headers, body });
      equal(post.CONTENT_TYPE, "a/b", "CONTENT_TYPE of a POST with Content-Type");
      equal(post.CONTENT_LENGTH, "3", "CONTENT_LENGTH of a POST with Content-Length");
      const get = await environOf(client, { path: "/" });
      equal(get.CONTENT_TYPE, undefined, "CONTENT_TYPE of a GET without Content-Type");
      equal(get.CONTENT_LENGTH, undefined, "CONTENT_LENGTH of a GET without Content-Length");
      for (const key of ["HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"]) {
        equal(post[key], undefined, `${key} of the POST`);
        equal(get[key], undefined, `${key} of the GET`);
      }
    },
  },
  fieldCase(
    "E21",
    "a header value holds bytes of UTF-8 as code points",
    [["X-Utf-8", "caf\u00c3\u00a9"]],
    { HTTP_X_UTF_8: "caf\u00c3\u00a9" },
  ),
  fieldCase(
    "E22",
    "a header value holds bytes that are no UTF-8",
    [["X-Latin-1", "caf\u00e9"]],
    { HTTP_X_LATIN_1: "caf\u00e9" },
    // The bytes of U+FFFD, which is all that a decoder leaves.
    { latin1Headers: { HTTP_X_LATIN_1: "caf\u00ef\u00bf\u00bd" } },
  ),
  {
    id: "E23",
    name: "Authorization is HTTP_AUTHORIZATION, and absent when it was not sent",
    application: dump,
    async exchange(client) {
      const headers: HeaderList = [["Authorization", "Basic dXNlcjpzZWNyZXQ="]];
      const sent = await environOf(client, { path: "/", headers });
      equal(sent.HTTP_AUTHORIZATION, "Basic dXNlcjpzZWNyZXQ=", "HTTP_AUTHORIZATION");
      // Nobody has checked the password yet.
      equal(sent.REMOTE_USER, undefined, "REMOTE_USER");
      const { HTTP_AUTHORIZATION } = await environOf(client, { path: "/" });
      equal(HTTP_AUTHORIZATION, undefined, "HTTP_AUTHORIZATION when it was not sent");
    },
  },
  // What HTTP clients take for the address of their proxy (httpoxy).
  fieldCase(
    "E24",
    "a Proxy header does not become HTTP_PROXY",
    [["Proxy", "http://evil.example"]],
    {
      HTTP_PROXY: undefined,
    },
  ),
];

type Variables = Readonly<Record<string, string | undefined>>;

/** @param instead What a target gives that lacks a feature. */
function fieldCase(
  id: string,
  name: string,
  headers: HeaderList,
  wanted: Variables,
  instead: Readonly<Partial<Record<Feature, Variables>>> = {},
): Case {
  return {
    id,
    name,
    application: dump,
    async exchange(client) {
      const environ = await environOf(client, { path: "/", headers });
      for (const [key, value] of Object.entries(documented(client, wanted, instead))) {
        equal(environ[key], value, key);
      }
    },
  };
}
