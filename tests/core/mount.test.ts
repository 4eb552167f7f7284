import { type Application, type Environ, mount, requestUri, shiftPathInfo } from "dram";
import { toFetch } from "dram/fetch";
import { describe, expect, test } from "vitest";
import { chunksOf, coded, environOf, latin1 } from "./helpers.ts";

const ignored = () => async () => {};

/** Says its name and where it sees itself. */
function named(name: string): Application {
  return (environ) => [latin1(`${name} ${environ.SCRIPT_NAME}|${environ.PATH_INFO}`)];
}

async function answerOf(application: Application, path: string): Promise<string> {
  const environ = environOf();
  environ.PATH_INFO = path;
  return (await chunksOf(await application(environ, ignored))).join("");
}

describe("mount", () => {
  const application = mount("/app", named("app"), named("other"));

  test.each([
    ["/app", "app /app|"],
    ["/app/", "app /app|/"],
    ["/app/x/y", "app /app|/x/y"],
    ["/app//x", "app /app|//x"],
    ["/application", "other |/application"],
    ["/app.html", "other |/app.html"],
    ["/APP", "other |/APP"],
    ["/x/app", "other |/x/app"],
    ["//app", "other |//app"],
    ["/", "other |/"],
    ["", "other |"],
  ])("of /app: the path %j is answered by %j", async (path, expected) => {
    expect(await answerOf(application, path)).toBe(expected);
  });

  test("nests", async () => {
    const nested = mount("/a", mount("/b/c", named("inner"), named("outer")), named("other"));
    expect(await answerOf(nested, "/a/b/c/d")).toBe("inner /a/b/c|/d");
    expect(await answerOf(nested, "/a/b/x")).toBe("outer /a|/b/x");
    expect(await answerOf(nested, "/b/c")).toBe("other |/b/c");
  });

  test("chains, the first that matches", async () => {
    const chain = mount("/a/b", named("ab"), mount("/a", named("a"), named("other")));
    expect(await answerOf(chain, "/a/b/c")).toBe("ab /a/b|/c");
    expect(await answerOf(chain, "/a/c")).toBe("a /a|/c");
    expect(await answerOf(chain, "/c")).toBe("other |/c");
  });

  test("the URL of the request stays the same", async () => {
    const uris: string[] = [];
    const noting: Application = (environ) => {
      uris.push(requestUri(environ));
      return [];
    };
    const environ = environOf({ line: { target: "/a%20b/c/d?e" }, fields: [["Host", "h"]] });
    await mount("/a b", mount("/c", noting))(environ, ignored);
    expect(uris).toEqual(["http://h/a%20b/c/d?e"]);
  });

  test("passes environ and startResponse on as they are", async () => {
    const seen: unknown[] = [];
    const noting: Application = (...parameters) => {
      seen.push(...parameters);
      return [];
    };
    const environ = environOf({ line: { target: "/app" } });
    await mount("/app", noting)(environ, ignored);
    expect(seen).toHaveLength(2);
    expect(seen[0]).toBe(environ);
    expect(seen[1]).toBe(ignored);
  });

  test("returns what the application returned, not a promise of it", () => {
    const body: Uint8Array[] = [];
    const environ = environOf({ line: { target: "/app" } });
    expect(mount("/app", () => body)(environ, ignored)).toBe(body);
  });

  test("answers 404 outside the prefix, unless told otherwise", async () => {
    const response = await toFetch(mount("/app", named("app")))(new Request("http://h/x"));
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(await response.text()).toBe("Not Found\n");
  });

  test.each(["", "/", "app", "/app/", "//app", "/a//b", " /app"])(
    "refuses the prefix %j",
    (prefix) => {
      expect(() => mount(prefix, named("app"))).toThrow(coded("ERR_OPTION"));
      expect(() => mount(prefix, named("app"))).toThrow(JSON.stringify(prefix));
    },
  );

  test("S52 refuses a prefix above U+00FF, which no path could ever match", () => {
    expect(() => mount("/\u0142", named("app"))).toThrow(coded("ERR_OPTION"));
  });
});

describe("shiftPathInfo", () => {
  // wsgiref's testSimpleShifts and testNormalizedShifts.
  test.each([
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
  ])("X07 of %j and %j is %j", (scriptName, path, name, scriptNameAfter, pathAfter) => {
    const environ = shiftable(scriptName, path);
    expect(shiftPathInfo(environ)).toBe(name);
    expect(environ.SCRIPT_NAME).toBe(scriptNameAfter);
    expect(environ.PATH_INFO).toBe(pathAfter);
  });

  test("X07 walks down a path segment by segment", () => {
    const environ = shiftable("/mnt", "/a/b/");
    expect([1, 2, 3, 4].map(() => shiftPathInfo(environ))).toEqual(["a", "b", "", null]);
    expect(environ.SCRIPT_NAME).toBe("/mnt/a/b/");
  });

  test("X07 changes nothing else", () => {
    const environ = shiftable("", "/a/b");
    const before = { ...environ, SCRIPT_NAME: "/a", PATH_INFO: "/b" };
    shiftPathInfo(environ);
    expect({ ...environ }).toEqual(before);
  });
});

function shiftable(scriptName: string, path: string): Environ {
  return Object.assign(environOf(), { SCRIPT_NAME: scriptName, PATH_INFO: path });
}
