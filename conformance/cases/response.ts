import { type Application, encodeUtf8, type HeaderList } from "../../core/mod.ts";
import { equal, ok } from "../check.ts";
import { header, valuesOf } from "../reply.ts";
import type { Case } from "../types.ts";
import { type Answer, ask, expectText, PLAIN } from "./answer.ts";
import { bodilessCases } from "./bodiless.ts";
import { refusalCases } from "./refusals.ts";

/** Answers with a status and headers of its own, and a body that is not looked at. */
function heading(status: string, headers: HeaderList): Application {
  return (_environ, startResponse) => {
    startResponse(status, headers);
    return [encodeUtf8("body")];
  };
}

const statusCases: readonly Case[] = [
  {
    id: "R01",
    name: "status, Content-Type and body arrive as the application gave them",
    application(_environ, startResponse) {
      startResponse("200 OK", [PLAIN]);
      return [encodeUtf8("hi")];
    },
    async exchange(client) {
      const answer = await expectText(client, "/", "hi");
      equal(valuesOf(answer, "content-type"), ["text/plain"], "Content-Type");
      if (!client.lacks("reason")) {
        equal(answer.reason, "OK", "reason");
      }
    },
  },
  {
    id: "R02",
    name: "404 Not Found keeps its reason and its body",
    application: heading("404 Not Found", [PLAIN]),
    async exchange(client) {
      const answer = await ask(client, { path: "/" });
      equal([answer.status, answer.text], [404, "body"], "status and body");
      if (!client.lacks("reason")) {
        equal(answer.reason, "Not Found", "reason");
      }
    },
  },
  {
    id: "R03",
    name: "a reason of the application's own arrives",
    needs: ["reason"],
    application: heading("200 Froody", [PLAIN]),
    async exchange(client) {
      const { status, reason } = await ask(client, { path: "/" });
      equal([status, reason], [200, "Froody"], "status and reason");
    },
  },
];

const COOKIES = ["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Path=/", "b=2"];

const headerCases: readonly Case[] = [
  {
    id: "R04",
    name: "two Set-Cookie fields stay two, commas and all",
    application: heading("200 OK", [
      PLAIN,
      ...COOKIES.map((cookie): HeaderList[number] => ["Set-Cookie", cookie]),
    ]),
    async exchange(client) {
      const answer = await ask(client, { path: "/" });
      const wanted = client.lacks("repeatedHeaders") ? COOKIES.slice(0, 1) : COOKIES;
      equal(valuesOf(answer, "set-cookie"), wanted, "Set-Cookie");
    },
  },
  {
    id: "R05",
    name: "a repeated header keeps its values in order",
    application: heading("200 OK", [PLAIN, ["X-Foo", "foo"], ["X-Foo", "bar, baz"]]),
    async exchange(client) {
      equal(header(await ask(client, { path: "/" }), "x-foo"), "foo, bar, baz", "X-Foo");
    },
  },
  {
    id: "R06",
    name: "a header character above U+007F is one byte on the wire",
    application: heading("200 OK", [PLAIN, ["X-Lat", "caf\u00e9"]]),
    async exchange(client) {
      const wanted = client.lacks("latin1Headers") ? "caf\u00c3\u00a9" : "caf\u00e9";
      equal(header(await ask(client, { path: "/" }), "x-lat"), wanted, "the bytes of X-Lat");
    },
  },
  {
    id: "R07",
    name: "UTF-8 bytes in a header value arrive as they are",
    application: heading("200 OK", [PLAIN, ["X-U8", "caf\u00c3\u00a9"]]),
    async exchange(client) {
      const answer = await ask(client, { path: "/" });
      equal(header(answer, "x-u8"), "caf\u00c3\u00a9", "the bytes of X-U8");
    },
  },
];

/** Kept between requests, as applications keep lists that never change. */
const shared: HeaderList = [PLAIN, ["X-Word", "before"]];

const listCases: readonly Case[] = [
  {
    id: "R20",
    name: "the header list stays the application's: copied at the call, not added to",
    application(_environ, startResponse) {
      shared[1] = ["X-Word", "before"];
      startResponse("200 OK", shared);
      shared[1] = ["X-Word", "after"];
      return [encodeUtf8("hello")];
    },
    async exchange(client) {
      const first = await expectText(client, "/", "hello");
      const second = await expectText(client, "/", "hello");
      equal([header(first, "x-word"), header(second, "x-word")], ["before", "before"], "X-Word");
      // Dates and the like differ, but not in size; what is there twice may have been joined.
      const sizes = ({ headers }: Answer): string[] =>
        headers.map(([name, value]) => `${name} of ${value.length}`).sort();
      equal(sizes(second), sizes(first), "headers of the second response and their sizes");
    },
  },
  {
    id: "R21",
    name: "100 headers arrive, one of them of 8 KiB",
    application: heading("200 OK", [
      PLAIN,
      ["X-Long", "x".repeat(8192)],
      ...Array.from({ length: 98 }, (_, index): HeaderList[number] => [`X-${index}`, `${index}`]),
    ]),
    async exchange(client) {
      const answer = await ask(client, { path: "/" });
      equal(header(answer, "x-long")?.length, 8192, "length of X-Long");
      for (let index = 0; index < 98; index++) {
        equal(header(answer, `x-${index}`), String(index), `X-${index}`);
      }
    },
  },
  {
    id: "R22",
    name: "an empty header value and a name in mixed case arrive",
    application: heading("200 OK", [PLAIN, ["X-Empty", ""], ["X-MiXed", "kept"]]),
    async exchange(client) {
      const answer = await ask(client, { path: "/" });
      ok(valuesOf(answer, "x-empty").length === 1, "X-Empty: found none, wanted an empty one");
      equal(header(answer, "x-empty"), "", "X-Empty");
      equal(header(answer, "x-mixed"), "kept", "X-MiXed");
    },
  },
];

export const responseCases: readonly Case[] = [
  ...statusCases,
  ...headerCases,
  ...refusalCases,
  ...bodilessCases,
  ...listCases,
];
