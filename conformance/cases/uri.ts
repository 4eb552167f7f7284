import { applicationUri, type Environ, json, requestUri, shiftPathInfo } from "../../core/mod.ts";
import { equal } from "../check.ts";
import { textOf } from "../reply.ts";
import type { Case } from "../types.ts";

export const uriCases: readonly Case[] = [
  {
    id: "X06",
    name: "the URL of the request can be rebuilt from environ",
    application(environ, startResponse) {
      startResponse("200 OK", [["Content-Type", "application/json"]]);
      return json([applicationUri(environ), requestUri(environ)]);
    },
    async exchange(client) {
      const reply = await client.send({ path: "/sp%E4m/x;c=1,2?y=1" });
      const { origin, mount = "" } = client.target;
      equal(
        JSON.parse(await textOf(reply)),
        [origin + (mount || "/"), `${origin}${mount}/sp%E4m/x;c=1,2?y=1`],
        "the URLs of application and request",
      );
    },
  },
  {
    id: "X07",
    name: "shiftPathInfo moves a segment from PATH_INFO to SCRIPT_NAME",
    application(environ, startResponse) {
      startResponse("200 OK", [["Content-Type", "application/json"]]);
      return json(SHIFTS.map(([script, path]) => shifted(environ, script, path)));
    },
    async exchange(client) {
      const reply = await client.send({ path: "/" });
      const found: unknown[] = JSON.parse(await textOf(reply));
      SHIFTS.forEach(([script, path, ...wanted], index) => {
        equal(
          found[index],
          wanted,
          `segment, SCRIPT_NAME and PATH_INFO after (${script}, ${path})`,
        );
      });
    },
  },
];

/** wsgiref's own table: SCRIPT_NAME, PATH_INFO; the segment, SCRIPT_NAME and PATH_INFO after it. */
const SHIFTS: readonly (readonly [string, string, string | null, string, string])[] = [
  ["", "/", "", "/", ""],
  ["", "/x", "x", "/x", ""],
  ["/", "", null, "/", ""],
  ["/a", "/x/y", "x", "/a/x", "/y"],
  ["/a", "/x/", "x", "/a/x", "/"],
  ["/a/b", "/../y", "..", "/a", "/y"],
  ["", "/../y", "..", "", "/y"],
  ["/a/b", "//y", "y", "/a/b/y", ""],
  ["/a/b", "//y/", "y", "/a/b/y", "/"],
  ["/a/b", "/./y", "y", "/a/b/y", ""],
  ["/a/b", "/./y/", "y", "/a/b/y", "/"],
  ["/a/b", "///./..//y/.//", "..", "/a", "/y/"],
  ["/a/b", "///", "", "/a/b/", ""],
  ["/a/b", "/.//", "", "/a/b/", ""],
  ["/a/b", "/x//", "x", "/a/b/x", "/"],
  ["/a/b", "/.", null, "/a/b", ""],
];

function shifted(environ: Environ, script: string, path: string): unknown[] {
  const copy = { ...environ, SCRIPT_NAME: script, PATH_INFO: path };
  const segment = shiftPathInfo(copy);
  return [segment, copy.SCRIPT_NAME, copy.PATH_INFO];
}
