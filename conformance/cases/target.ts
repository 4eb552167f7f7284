import { equal } from "../check.ts";
import type { Case, Client, Feature } from "../types.ts";
import { documented, dump, environOf } from "./answers.ts";

/** The request target in environ. */
export const targetCases: readonly Case[] = [
  pathCase("E03", "PATH_INFO is percent-decoded", "/foo/bar%2cbaz", "/foo/bar,baz"),
  pathCase("E04", "PATH_INFO is decoded only once", "/foo/bar%252cbaz", "/foo/bar%2cbaz"),
  pathCase(
    "E05",
    "PATH_INFO holds bytes of UTF-8 as code points",
    "/foo%E3%81%82",
    "/foo\u00e3\u0081\u0082",
  ),
  pathCase("E06", "PATH_INFO holds bytes that are no UTF-8", "/%E9", "/\u00e9"),
  {
    id: "E07",
    name: "a malformed percent escape stays as it is in PATH_INFO",
    application: dump,
    async exchange(client) {
      if (client.lacks("malformedEscapes")) {
        equal((await client.sendRefused({ path: "/%zz%" })).status, 400, "status");
        return;
      }
      const { PATH_INFO } = await environOf(client, { path: "/%zz%" });
      equal(PATH_INFO, "/%zz%", "PATH_INFO");
    },
  },
  {
    id: "E08",
    name: "an escaped slash is one in PATH_INFO, and an escape in REQUEST_URI",
    application: dump,
    async exchange(client) {
      const { PATH_INFO, REQUEST_URI } = await environOf(client, { path: "/a%2Fb" });
      equal(PATH_INFO, "/a/b", "PATH_INFO");
      equal(REQUEST_URI, `${client.target.mount ?? ""}/a%2Fb`, "REQUEST_URI");
    },
  },
  pathCase("E09", "empty segments stay in PATH_INFO", "//foo///bar/baz", "//foo///bar/baz", {
    emptySegments: "/foo/bar/baz",
  }),
  pathCase("E10", "dot segments stay in PATH_INFO", "/a/../b", "/a/../b", {
    dotSegments: "/b",
  }),
  {
    id: "E11",
    name: "QUERY_STRING is what follows the first question mark",
    application: dump,
    async exchange(client) {
      const environ = await environOf(client, { path: "/a;p=1,2?x=1?y=2" });
      equal(environ.PATH_INFO, "/a;p=1,2", "PATH_INFO");
      expectQuery(client, environ.QUERY_STRING, "x=1?y=2");
    },
  },
  {
    id: "E12",
    name: "QUERY_STRING is there, and empty, without a query",
    application: dump,
    async exchange(client) {
      for (const path of ["/a", "/a?"]) {
        const environ = await environOf(client, { path });
        equal(environ.QUERY_STRING, "", `QUERY_STRING of ${path}`);
        equal(environ.PATH_INFO, "/a", `PATH_INFO of ${path}`);
      }
    },
  },
  queryCase("E13", "QUERY_STRING is not decoded", "a=%zz&b=+&c=%20"),
  queryCase("E14", "QUERY_STRING keeps repeated and empty parameters", "x=1&x=2&y=&z"),
];

/** @param instead What a target gives that lacks a feature. */
function pathCase(
  id: string,
  name: string,
  path: string,
  wanted: string,
  instead: Readonly<Partial<Record<Feature, string>>> = {},
): Case {
  return {
    id,
    name,
    application: dump,
    async exchange(client) {
      const { PATH_INFO } = await environOf(client, { path });
      equal(PATH_INFO, documented(client, wanted, instead), "PATH_INFO");
    },
  };
}

function queryCase(id: string, name: string, query: string): Case {
  return {
    id,
    name,
    application: dump,
    async exchange(client) {
      const { QUERY_STRING } = await environOf(client, { path: `/?${query}` });
      expectQuery(client, QUERY_STRING, query);
    },
  };
}

function expectQuery(client: Client, found: string | undefined, wanted: string): void {
  if (client.lacks("rawQuery")) {
    equal(parametersOf(found), parametersOf(wanted), "the parameters of QUERY_STRING");
  } else {
    equal(found, wanted, "QUERY_STRING");
  }
}

/** Sorted, because not every event keeps the order of different names. */
function parametersOf(query: string | undefined): string[] {
  return Array.from(new URLSearchParams(query), ([name, value]) => `${name}=${value}`).sort();
}
