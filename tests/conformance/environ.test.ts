import type { Environ, Middleware } from "dram";
import { expect, test } from "vitest";
import { changed, type Fault, run, set, without } from "./faulty.ts";

const FAULTS: readonly Fault[] = [
  ["E01", "gives a third parameter", third, "parameters of the application: found 3, wanted 2"],
  ["E01", "leaves out a flag", without("wsgi.multiprocess"), 'environ["wsgi.multiprocess"]'],
  ["E01", "has a number", set({ REMOTE_PORT: 80 }), "that are no strings: found [["],
  ["E01", "decodes as UTF-8", set({ REMOTE_USER: "\u4e2d" }), 'U+00FF: found ["REMOTE_USER"]'],
  ["E01", "freezes", changed(Object.freeze), "cannot be read, set, listed and deleted: found ["],
  ["E01", "seals", changed(Object.preventExtensions), "isExtensible(environ): found false"],
  ["E01", "has an old version", set({ "wsgi.version": [0, 1] }), "found [0,1], wanted [1,0]"],
  ["E01", "has half an input", set({ "wsgi.input": { read() {} } }), "methods of wsgi.input"],
  ["E01", "has half a log", set({ "wsgi.errors": { write() {} } }), "methods of wsgi.errors"],
  ["E02", "knows no port", set({ SERVER_PORT: "" }), 'SERVER_PORT: found "", wanted "8787"'],
  ["E02", "knows no name", set({ SERVER_NAME: "" }), 'SERVER_NAME: found "", wanted /'],
  ["E03", "does not decode", path(String), 'PATH_INFO: found "/foo/bar%2cbaz"'],
  ["E04", "decodes twice", pathInfo(decodeURIComponent), 'PATH_INFO: found "/foo/bar,baz"'],
  ["E05", "decodes as UTF-8", path(decodeURIComponent), 'PATH_INFO: found "/foo\u3042"'],
  ["E06", "replaces", pathInfo(() => "/\ufffd"), 'PATH_INFO: found "/\ufffd"'],
  ["E07", "drops escapes", pathInfo((name) => name.replaceAll("%", "")), 'found "/zz"'],
  ["E08", "decodes it all", set({ REQUEST_URI: "/a/b" }), 'REQUEST_URI: found "/a/b"'],
  ["E08", "decodes no slash", path(String), 'PATH_INFO: found "/a%2Fb"'],
  ["E09", "merges", pathInfo((name) => name.replace(/\/+/g, "/")), 'found "/foo/bar/baz"'],
  ["E10", "goes up too far", pathInfo(() => "/"), 'PATH_INFO: found "/", wanted "/b"'],
  ["E11", "cuts off parameters", pathInfo((name) => name.replace(/;.*/, "")), 'found "/a"'],
  ["E11", "cuts at each mark", query((raw) => raw.replace(/\?.*/, "")), 'found "x=1", wanted'],
  ["E12", "leaves out what is empty", without("QUERY_STRING"), "of /a: found undefined"],
  ["E12", "keeps the mark", pathInfo(() => "/a?"), 'PATH_INFO of /a: found "/a?"'],
  ["E13", "decodes", query((raw) => raw.replace("%20", " ")), 'found "a=%zz&b=+&c= "'],
  ["E14", "parses", query((raw) => `${new URLSearchParams(raw)}`), 'found "x=1&x=2&y=&z="'],
  ["E15", "has no headers", without("HTTP_FOO"), "HTTP_FOO: found undefined"],
  ["E16", "keeps the last", set({ HTTP_FOO: "baz" }), 'found "baz", wanted "bar, baz"'],
  ["E17", "joins with a comma", set({ HTTP_COOKIE: "a=1, b=2" }), 'wanted "a=1; b=2"'],
  ["E18", "drops what is empty", without("HTTP_X_EMPTY"), 'found undefined, wanted ""'],
  ["E19", "joins both", set({ HTTP_X_UNDER: "1, 2" }), 'found "1, 2", wanted "2"'],
  ["E19", "lets one pass", set({ HTTP_X_UNDER: "2" }), 'found "2", wanted undefined'],
  ["E20", "has a default", set({ CONTENT_TYPE: "a/b" }), 'without Content-Type: found "a/b"'],
  ["E20", "has both", set({ HTTP_CONTENT_TYPE: "a/b" }), "HTTP_CONTENT_TYPE of the POST: found"],
  ["E21", "decodes as UTF-8", set({ HTTP_X_UTF_8: "caf\u00e9" }), 'found "caf\u00e9"'],
  ["E22", "decodes as UTF-8", set({ HTTP_X_LATIN_1: "caf\ufffd" }), 'found "caf\ufffd"'],
  ["E23", "hides it", without("HTTP_AUTHORIZATION"), "HTTP_AUTHORIZATION: found undefined"],
  ["E23", "trusts it", set({ REMOTE_USER: "user" }), 'REMOTE_USER: found "user"'],
  ["E23", "makes it up", set({ HTTP_AUTHORIZATION: "Basic dXNlcjpzZWNyZXQ=" }), "was not sent"],
  ["E24", "hands it on", set({ HTTP_PROXY: "http://evil.example" }), "HTTP_PROXY: found"],
  ["E25", "cuts off too much", pathInfo((name) => name.slice(4)), '"PATH_INFO":""}, wanted'],
  ["E26", "believes anybody", changed(believe), "which anybody may send: found"],
  ["E26", "hides it", without("HTTP_X_FORWARDED_PROTO"), "behind one trusted proxy: found"],
  ["E26", "drops Host", set({ HTTP_HOST: "localhost" }), '"uri":"http://localhost/located?x=1"'],
  ["E27", "uses environ again", again(), 'of the first: found {"used":["environ"'],
  ["E27", "uses a stream again", set({ "wsgi.errors": { flush() {} } }), 'found {"used":["errors"'],
];

test.each(FAULTS)("%s fails if the gateway %s", async (id, _fault, middleware, message) => {
  await expect(run(id, middleware)).rejects.toThrow(message);
});

test("E25 fails if the gateway mounts at any place in a segment", async () => {
  const mounted = changed((environ) => {
    environ.SCRIPT_NAME = "/mnt";
    environ.PATH_INFO = environ.PATH_INFO.slice(4);
  });
  await expect(run("E25", mounted, "/mnt")).rejects.toThrow(
    "the status of /mntx, which is not below /mnt: found 200, wanted 404",
  );
});

test("without a fault they pass", async () => {
  for (const id of new Set(FAULTS.map(([id]) => id))) {
    await run(id, (same) => same);
  }
});

function third(inner: Parameters<Middleware>[0]): ReturnType<Middleware> {
  return (...parameters) => Reflect.apply(inner, undefined, [...parameters, {}]);
}

/** PATH_INFO made of the path as it was sent. */
function path(change: (raw: string) => string): Middleware {
  return changed((environ) => {
    environ.PATH_INFO = change(environ.REQUEST_URI.replace(/\?.*/, ""));
  });
}

function pathInfo(change: (path: string) => string): Middleware {
  return changed((environ) => {
    environ.PATH_INFO = change(environ.PATH_INFO);
  });
}

function query(change: (raw: string) => string): Middleware {
  return changed((environ) => {
    environ.QUERY_STRING = change(environ.QUERY_STRING);
  });
}

function believe(environ: Environ): void {
  environ["wsgi.url_scheme"] = environ.HTTP_X_FORWARDED_PROTO ?? "http";
}

/** One object for all requests, as a module-level one would be. */
function again(): Middleware {
  let kept: Environ | undefined;
  return (inner) => (environ, startResponse) => {
    kept = Object.assign(kept ?? environ, environ);
    return inner(kept, startResponse);
  };
}
