import { createEnviron, type Environ, nativeFromText, textFromNative } from "dram";
import { toFetch } from "dram/fetch";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { coded, environOf, gateway, latin1, native, requestLine } from "./helpers.ts";

function environOfTarget(target: string, decoding: "latin1" | "utf8" = "latin1"): Environ {
  return createEnviron(gateway({}, { targetDecoding: decoding }), requestLine({ target }));
}

describe("the object", () => {
  test("S4 environ inherits nothing", () => {
    const environ = environOf();
    for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty", "valueOf"]) {
      expect(name in environ, name).toBe(false);
    }
  });

  test("S4 the prototype of environ is one empty frozen object without a prototype", () => {
    const prototype = Object.getPrototypeOf(environOf());
    expect(Reflect.ownKeys(prototype)).toEqual([]);
    expect(Object.isFrozen(prototype)).toBe(true);
    expect(Object.getPrototypeOf(prototype)).toBe(null);
    expect(Object.getPrototypeOf(environOf())).toBe(prototype);
  });

  test("S4 every key is an own, writable, enumerable, configurable data property", () => {
    const environ = environOf({ fields: [["X-A", "1"]], line: { scheme: "https" } });
    for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(environ))) {
      expect(property, key).toEqual({
        value: environ[key],
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
  });

  test("S4 environ has no symbol keys and takes new keys", () => {
    const environ = environOf();
    expect(Object.getOwnPropertySymbols(environ)).toEqual([]);
    expect(Object.isExtensible(environ)).toBe(true);
    Object.assign(environ, { constructor: "mine" });
    expect(Object.keys(environ)).toContain("constructor");
  });

  test("S4 a spread copy has every key and value", () => {
    const environ = environOf({ fields: [["X-A", "1"]] });
    const copy = { ...environ };
    expect(Object.keys(copy)).toEqual(Object.keys(environ));
    for (const key of Object.keys(environ)) {
      expect(copy[key], key).toBe(environ[key]);
    }
  });

  test("S5 each request has an environ, input and errors of its own", () => {
    const made = gateway();
    const first = environOf({ gateway: made });
    const second = environOf({ gateway: made });
    expect(second).not.toBe(first);
    expect(second["wsgi.input"]).not.toBe(first["wsgi.input"]);
    expect(second["wsgi.errors"]).not.toBe(first["wsgi.errors"]);
  });

  test("S5 what one request does to its environ is not seen by the next", () => {
    const made = gateway();
    const first = environOf({ gateway: made });
    for (const key of Object.keys(first)) {
      delete first[key];
    }
    first.SCRIPT_NAME = "/changed";
    const second = environOf({ gateway: made });
    expect(second.SCRIPT_NAME).toBe("");
    expect(second.REQUEST_METHOD).toBe("GET");
    expect(second["wsgi.version"]).toEqual([1, 0]);
  });

  test("S5 an application that deletes every key is answered all the same", async () => {
    const handle = toFetch((environ, startResponse) => {
      for (const key of Object.keys(environ)) {
        delete environ[key];
      }
      startResponse("200 OK", [["Content-Type", "text/plain"]]);
      return [latin1("done")];
    });
    const response = await handle(new Request("http://h.example/"));
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("done");
  });

  test("S20 no value is undefined or null", () => {
    for (const [key, value] of Object.entries(environOf())) {
      expect(value ?? "nothing", key).not.toBe("nothing");
    }
  });

  test("S20 what is not known is absent", () => {
    const environ = environOf();
    for (const key of [
      "CONTENT_TYPE",
      "CONTENT_LENGTH",
      "HTTP_HOST",
      "HTTPS",
      "REMOTE_ADDR",
      "REMOTE_PORT",
      "REMOTE_USER",
      "AUTH_TYPE",
      "HTTP_CONTENT_TYPE",
      "HTTP_CONTENT_LENGTH",
    ]) {
      expect(key in environ, key).toBe(false);
    }
  });

  test("S20 a Remote-User header does not become REMOTE_USER", () => {
    const environ = environOf({
      fields: [
        ["Remote-User", "root"],
        ["Authorization", "Basic cm9vdDo="],
      ],
    });
    expect("REMOTE_USER" in environ).toBe(false);
    expect("AUTH_TYPE" in environ).toBe(false);
    expect(environ.HTTP_REMOTE_USER).toBe("root");
    expect(environ.HTTP_AUTHORIZATION).toBe("Basic cm9vdDo=");
  });

  test("S21 S52 every key without a dot has a string of U+0000 to U+00FF", () => {
    const environ = environOf({
      line: { target: "/caf%C3%A9?x=%E9" },
      fields: [
        ["X-A", "caf\xe9"],
        ["Content-Length", "0"],
      ],
    });
    for (const [key, value] of Object.entries(environ)) {
      if (!key.includes(".")) {
        expect(value, key).toMatch(/^[\0-\xff]*$/);
      }
    }
  });

  test("S23 every key of the gateway's own has a dot and a prefix in lower case", () => {
    const own = Object.keys(environOf()).filter((key) => !/^[A-Z_]+$/.test(key));
    for (const key of own) {
      expect(key).toMatch(/^(?:wsgi|dram)\.[a-z_]+$/);
    }
  });
});

describe("the request line", () => {
  test("S6 S17 S18 S22 a request has every required key", () => {
    const environ = environOf({ line: { target: "/a?b=c" } });
    const strings = Object.fromEntries(
      Object.entries(environ).filter(([, value]) => typeof value === "string"),
    );
    expect(strings).toEqual({
      REQUEST_METHOD: "GET",
      SCRIPT_NAME: "",
      PATH_INFO: "/a",
      QUERY_STRING: "b=c",
      REQUEST_URI: "/a?b=c",
      RAW_URI: "/a?b=c",
      SERVER_NAME: "server.example",
      SERVER_PORT: "8080",
      SERVER_PROTOCOL: "HTTP/1.1",
      GATEWAY_INTERFACE: "CGI/1.1",
      SERVER_SOFTWARE: expect.stringMatching(/^dram\/\d+\.\d+\.\d+ \(test\)$/),
      "wsgi.url_scheme": "http",
    });
    expect(environ).toMatchObject({
      "wsgi.version": [1, 0],
      "wsgi.multithread": true,
      "wsgi.multiprocess": false,
      "wsgi.run_once": false,
      "wsgi.input_terminated": true,
      "wsgi.file_wrapper": expect.any(Function),
      "dram.wait_until": expect.any(Function),
    });
  });

  test("S22 wsgi.version is a frozen pair", () => {
    const version = environOf()["wsgi.version"];
    expect(version).toHaveLength(2);
    expect(Object.isFrozen(version)).toBe(true);
  });

  test("S22 multithread, multiprocess and run_once are the platform's", () => {
    const made = gateway({}, { multithread: false, multiprocess: true, runOnce: true });
    expect(environOf({ gateway: made })).toMatchObject({
      "wsgi.multithread": false,
      "wsgi.multiprocess": true,
      "wsgi.run_once": true,
    });
  });

  test("S24 wsgi.input and wsgi.errors have PEP 3333's methods", () => {
    const { "wsgi.input": input, "wsgi.errors": errors } = environOf();
    for (const method of [input.read, input.readline, input.readlines]) {
      expect(method).toBeTypeOf("function");
    }
    expect(input[Symbol.asyncIterator]).toBeTypeOf("function");
    for (const method of [errors.write, errors.writelines, errors.flush]) {
      expect(method).toBeTypeOf("function");
    }
  });

  test("dram.capabilities is the platform's frozen description", () => {
    const capabilities = environOf()["dram.capabilities"];
    expect(capabilities).toEqual({
      streaming: true,
      reason: true,
      disconnect: true,
      trailers: false,
      earlyHints: false,
      latin1Headers: true,
      rawTarget: true,
    });
    expect(Object.isFrozen(capabilities)).toBe(true);
  });

  test.each(["GET", "patch", "FOO", "M-SEARCH", "get"])(
    "REQUEST_METHOD is %s verbatim",
    (method) => {
      expect(environOf({ line: { method } }).REQUEST_METHOD).toBe(method);
    },
  );

  test.each(["", "A B", "GET\r\n", "G/T", "caf\xe9", "CONNECT"])(
    "T06 the method %j is refused",
    (method) => {
      expect(() => environOf({ line: { method } })).toThrow(coded("ERR_METHOD"));
    },
  );

  test("S18 HTTPS is on for https and absent for http", () => {
    expect(environOf({ line: { scheme: "https" } })).toMatchObject({
      HTTPS: "on",
      "wsgi.url_scheme": "https",
    });
    expect("HTTPS" in environOf({ line: { scheme: "http" } })).toBe(false);
  });

  test.each([
    ["http", "", "80"],
    ["https", "", "443"],
    ["https", "8443", "8443"],
  ])("S21 SERVER_PORT for %s and port %j is the string %s", (scheme, serverPort, expected) => {
    expect(environOf({ line: { scheme, serverPort } }).SERVER_PORT).toBe(expected);
  });

  test("SERVER_NAME keeps the brackets of an IPv6 literal", () => {
    expect(environOf({ line: { serverName: "[::1]" } }).SERVER_NAME).toBe("[::1]");
  });

  test("T07 SERVER_NAME and SERVER_PORT do not follow the Host header", () => {
    const environ = environOf({ fields: [["Host", "other.example:1"]] });
    expect(environ).toMatchObject({
      HTTP_HOST: "other.example:1",
      SERVER_NAME: "server.example",
      SERVER_PORT: "8080",
    });
  });

  test.each(["HTTP/1.0", "HTTP/1.1", "HTTP/2", "HTTP/3"])("SERVER_PROTOCOL is %s", (protocol) => {
    expect(environOf({ line: { protocol } }).SERVER_PROTOCOL).toBe(protocol);
  });

  test("T04 without trustedHops no forwarded header changes anything", () => {
    const environ = environOf({
      fields: [
        ["X-Forwarded-For", "6.6.6.6"],
        ["X-Real-IP", "6.6.6.6"],
        ["CF-Connecting-IP", "6.6.6.6"],
        ["X-Forwarded-Proto", "https"],
        ["X-Forwarded-Host", "evil.example"],
        ["X-Forwarded-Port", "1"],
        ["Forwarded", "for=6.6.6.6;proto=https;host=evil.example"],
      ],
    });
    expect("REMOTE_ADDR" in environ).toBe(false);
    expect("HTTPS" in environ).toBe(false);
    expect("HTTP_HOST" in environ).toBe(false);
    expect(environ).toMatchObject({
      "wsgi.url_scheme": "http",
      SERVER_NAME: "server.example",
      SERVER_PORT: "8080",
    });
  });

  test("dram.wait_until hands the promise to the platform", async () => {
    const kept: Promise<unknown>[] = [];
    const environ = environOf({ line: { waitUntil: (promise) => kept.push(promise) } });
    let done = false;
    environ["dram.wait_until"]?.(
      Promise.resolve().then(() => {
        done = true;
      }),
    );
    expect(kept).toHaveLength(1);
    await kept[0];
    expect(done).toBe(true);
  });

  test("dram.wait_until logs a rejection in one line, and the platform's promise does not reject", async () => {
    const writes: string[] = [];
    const errors = { write: (text: string) => writes.push(text), writelines() {}, flush() {} };
    const kept: Promise<unknown>[] = [];
    const environ = environOf({
      gateway: gateway({ errors }),
      line: { target: "/job", waitUntil: (promise) => kept.push(promise) },
    });
    environ["dram.wait_until"]?.(Promise.reject(new Error("first\nsecond")));
    await kept[0];
    expect(writes).toHaveLength(1);
    expect(writes[0]).toMatch(/^dram: GET "\/job": .*first \| second.*\n$/);
  });
});

describe("PATH_INFO", () => {
  test.each([
    ["/", "/"],
    ["/foo/bar%2cbaz", "/foo/bar,baz"],
    ["/foo/bar%252cbaz", "/foo/bar%2cbaz"],
    ["/%25%32%46", "/%2F"],
    ["/foo%E3%81%82", "/foo\xe3\x81\x82"],
    ["/%e2%82%ac", "/\xe2\x82\xac"],
    ["/%E9", "/\xe9"],
    ["/a%c0%af", "/a\xc0\xaf"],
    ["/a%ff%fe", "/a\xff\xfe"],
    ["/%zz%", "/%zz%"],
    ["/%", "/%"],
    ["/%4", "/%4"],
    ["/%4g%41", "/%4gA"],
    ["/%%41", "/%A"],
    ["/%u0041", "/%u0041"],
    ["/a%2Fb%5Cc", "/a/b\\c"],
    ["/a+b%20c", "/a+b c"],
    ["/a;p=1,2", "/a;p=1,2"],
    ["//foo///bar/baz", "//foo///bar/baz"],
    ["//evil.example/adm", "//evil.example/adm"],
    ["/a/../b/./c", "/a/../b/./c"],
    ["/%2e%2e/x", "/../x"],
    ["/a%0d%0aSet-Cookie:%20x=1", "/a\r\nSet-Cookie: x=1"],
    ["/a%7f%01", "/a\x7f\x01"],
    ["/a%3Fb%23c", "/a?b#c"],
    ["/p%61th/", "/path/"],
  ])("T05 %s is decoded once", (target, expected) => {
    const environ = environOfTarget(target);
    expect(environ.PATH_INFO).toBe(expected);
    expect(environ.REQUEST_URI).toBe(target);
    expect(environ.RAW_URI).toBe(target);
  });

  test.each([
    ["an escaped NUL", "/a%00b"],
    ["only an escaped NUL", "/%00"],
    ["a NUL", "/\0"],
    ["a tab", "/a\tb"],
    ["a space", "/a b"],
    ["CR LF", "/a\r\nX-A: b"],
    ["DEL", "/a\x7fb"],
    ["a line feed in the query", "/?a=\n"],
    ["a space in the query", "/?a b"],
  ])("T05 a target with %s is refused", (_name, target) => {
    expect(() => environOfTarget(target)).toThrow(coded("ERR_TARGET"));
    expect(() => environOfTarget(target, "utf8")).toThrow(coded("ERR_TARGET"));
  });

  test.each([
    "",
    "?a=b",
    "a",
    "#a",
    "http://evil.example/adm",
    "evil.example:443",
    "\\a",
    "%2Fadmin",
  ])("T06 the target %j, which does not start with a slash, is refused", (target) => {
    expect(() => environOfTarget(target)).toThrow(coded("ERR_TARGET"));
  });

  test("T06 an asterisk is the path of OPTIONS", () => {
    const environ = environOf({ line: { method: "OPTIONS", target: "*" } });
    expect(environ).toMatchObject({ PATH_INFO: "*", REQUEST_URI: "*", QUERY_STRING: "" });
  });

  test.each(["GET", "HEAD", "POST", "options"])("T06 an asterisk is refused for %s", (method) => {
    expect(() => environOf({ line: { method, target: "*" } })).toThrow(coded("ERR_TARGET"));
  });

  test("T06 an escaped asterisk is not one", () => {
    expect(() => environOf({ line: { method: "OPTIONS", target: "%2A" } })).toThrow(
      coded("ERR_TARGET"),
    );
  });

  test("T05 bytes of a target that was decoded as latin-1 stay as they are", () => {
    const environ = environOfTarget("/caf\xc3\xa9\xe9?\xe9", "latin1");
    expect(environ).toMatchObject({
      PATH_INFO: "/caf\xc3\xa9\xe9",
      QUERY_STRING: "\xe9",
      REQUEST_URI: "/caf\xc3\xa9\xe9?\xe9",
    });
  });

  test("T05 a target that was decoded as UTF-8 becomes its bytes again", () => {
    const environ = environOfTarget("/caf\xe9\u20ac\u{1f600}%E9?\u20ac=%20", "utf8");
    expect(environ).toMatchObject({
      PATH_INFO: "/caf\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xe9",
      QUERY_STRING: "\xe2\x82\xac=%20",
      REQUEST_URI: "/caf\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80%E9?\xe2\x82\xac=%20",
    });
  });

  test("T05 what cannot be decoded as UTF-8 arrives as the platform's replacement character", () => {
    expect(environOfTarget("/\ufffd", "utf8").PATH_INFO).toBe("/\xef\xbf\xbd");
    expect(environOfTarget("/\ud800", "utf8").PATH_INFO).toBe("/\xef\xbf\xbd");
  });

  test("T05 any bytes but NUL, escaped, are decoded to themselves", () => {
    fc.assert(
      fc.property(fc.uint8Array({ min: 1 }), (bytes) => {
        const escaped = Buffer.from(bytes)
          .toString("hex")
          .replace(/../g, (hex) => `%${hex}`);
        expect(environOfTarget(`/${escaped}`).PATH_INFO).toBe(`/${native(bytes)}`);
      }),
    );
  });

  test("T05 any mixture of escapes, broken escapes and text is decoded exactly once", () => {
    const piece = fc.constantFrom(
      "%41",
      "%2f",
      "%2F",
      "%25",
      "%",
      "%%",
      "%4",
      "%zz",
      "a",
      "+",
      "\xe9",
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const target = `/${pieces.join("")}`;
        expect(environOfTarget(target).PATH_INFO).toBe(decodedOnce(target));
      }),
    );
  });
});

/** Percent-decoding as a plain loop. */
function decodedOnce(path: string): string {
  let decoded = "";
  for (let index = 0; index < path.length; ) {
    const hex = path.slice(index + 1, index + 3);
    if (path[index] === "%" && /^[0-9a-f]{2}$/i.test(hex)) {
      decoded += String.fromCharCode(Number(`0x${hex}`));
      index += 3;
    } else {
      decoded += path[index];
      index += 1;
    }
  }
  return decoded;
}

describe("QUERY_STRING", () => {
  test.each([
    ["/a", ""],
    ["/a?", ""],
    ["/a;p=1,2?x=1?y=2", "x=1?y=2"],
    ["/p?a=1&a=2&b=%zz&%00=1&=&&c;d+e", "a=1&a=2&b=%zz&%00=1&=&&c;d+e"],
    ["/?a=%41%2541", "a=%41%2541"],
    ["/??", "?"],
    ["/?/../x", "/../x"],
  ])("T05 of %s is %j, not decoded", (target, expected) => {
    expect(environOfTarget(target).QUERY_STRING).toBe(expected);
  });

  test.each([
    ["/p?x=1#frag?y=2", "/p", "x=1", "/p?x=1"],
    ["/p#frag?y=2", "/p", "", "/p"],
    ["/p?#", "/p", "", "/p?"],
    ["/#", "/", "", "/"],
  ])("the fragment of %s is cut off", (target, path, query, uri) => {
    expect(environOfTarget(target)).toMatchObject({
      PATH_INFO: path,
      QUERY_STRING: query,
      REQUEST_URI: uri,
    });
  });

  test("/a and /a? are told apart by REQUEST_URI only", () => {
    expect(environOfTarget("/a").REQUEST_URI).toBe("/a");
    expect(environOfTarget("/a?").REQUEST_URI).toBe("/a?");
  });
});

describe("scriptName", () => {
  test.each([
    ["/mnt", ""],
    ["/mnt/", "/"],
    ["/mnt/x", "/x"],
    ["/mnt//x", "//x"],
    ["/m%6et/x", "/x"],
    ["/mnt%2Fx", "/x"],
    ["/mnt?q", ""],
  ])("E25 %s below /mnt has PATH_INFO %j", (target, path) => {
    const environ = environOf({ gateway: gateway({ scriptName: "/mnt" }), line: { target } });
    expect(environ).toMatchObject({ SCRIPT_NAME: "/mnt", PATH_INFO: path, REQUEST_URI: target });
  });

  test.each(["/mntx", "/application/x", "/", "/mn", "/MNT/x", "//mnt/x", "/x/mnt"])(
    "E25 %s is not below /mnt",
    (target) => {
      const made = gateway({ scriptName: "/mnt" });
      expect(() => environOf({ gateway: made, line: { target } })).toThrow(
        coded("ERR_NOT_MOUNTED"),
      );
    },
  );

  test("of several segments is matched as a whole", () => {
    const made = gateway({ scriptName: "/a/b" });
    expect(environOf({ gateway: made, line: { target: "/a/b/c" } })).toMatchObject({
      SCRIPT_NAME: "/a/b",
      PATH_INFO: "/c",
    });
    expect(() => environOf({ gateway: made, line: { target: "/a" } })).toThrow(
      coded("ERR_NOT_MOUNTED"),
    );
  });

  test("is compared with the decoded bytes of the path", () => {
    const made = gateway({ scriptName: "/some where/\xc3\xb6" });
    expect(environOf({ gateway: made, line: { target: "/some%20where/%C3%B6/x" } })).toMatchObject({
      SCRIPT_NAME: "/some where/\xc3\xb6",
      PATH_INFO: "/x",
    });
  });
});

describe("the deployer's keys", () => {
  test("S63 are in every environ", () => {
    const database = { query() {} };
    const made = gateway({ environ: { DATABASE: "test", "app.database": database } });
    for (const environ of [environOf({ gateway: made }), environOf({ gateway: made })]) {
      expect(environ.DATABASE).toBe("test");
      expect(environ["app.database"]).toBe(database);
    }
  });

  test("S63 win over the gateway's and the client's", () => {
    const input = environOf()["wsgi.input"];
    const made = gateway({
      environ: {
        SERVER_NAME: "public.example",
        REMOTE_USER: "deployer",
        HTTP_X_A: "deployer",
        "wsgi.url_scheme": "https",
        "wsgi.input": input,
      },
    });
    const environ = environOf({ gateway: made, fields: [["X-A", "client"]] });
    expect(environ).toMatchObject({
      SERVER_NAME: "public.example",
      REMOTE_USER: "deployer",
      HTTP_X_A: "deployer",
      "wsgi.url_scheme": "https",
    });
    expect(environ["wsgi.input"]).toBe(input);
  });

  test("S63 T11 may be named as members of Object.prototype are", () => {
    const made = gateway({ environ: JSON.parse('{"__proto__": "a", "constructor": "b"}') });
    const environ = environOf({ gateway: made });
    expect(Object.getOwnPropertyDescriptor(environ, "__proto__")?.value).toBe("a");
    expect(Object.getOwnPropertyDescriptor(environ, "constructor")?.value).toBe("b");
    expect("a" in environOf()).toBe(false);
  });

  test("S63 may hold any byte as a native string", () => {
    const made = gateway({ environ: { NAME: "caf\xc3\xa9" } });
    expect(environOf({ gateway: made }).NAME).toBe("caf\xc3\xa9");
  });
});

describe("createGateway", () => {
  test.each([
    ["scriptName", "/"],
    ["scriptName", "/app/"],
    ["scriptName", "app"],
    ["scriptName", "//app"],
    ["scriptName", "/a//b"],
    ["scriptName", 5],
    ["scriptName", null],
    // U+0142 is no byte: no path could ever match it, and SCRIPT_NAME may not hold it (S52).
    ["scriptName", "/\u0142"],
    ["maxBodySize", -1],
    ["maxBodySize", Number.NaN],
    ["maxBodySize", "5"],
    ["maxBodySize", null],
    ["errors", {}],
    ["errors", null],
    ["errors", "stderr"],
    ["debug", "yes"],
    ["debug", 1],
    ["underscoreHeaders", "keep"],
    ["underscoreHeaders", true],
    ["hopByHop", "allow"],
    ["hopByHop", null],
    ["environ", null],
  ])("option %s: %o is refused by name", (option, value) => {
    const options = { [option]: value };
    expect(() => gateway(options)).toThrow(coded("ERR_OPTION"));
    expect(() => gateway(options)).toThrow(`option ${option}`);
  });

  test.each([
    ["PORT", 80],
    ["PORT", null],
    ["PORT", undefined],
    ["NAME", "\u0142"],
  ])("S21 the environ key %s: %o is refused by name", (key, value) => {
    expect(() => gateway({ environ: { [key]: value } })).toThrow(coded("ERR_OPTION"));
    expect(() => gateway({ environ: { [key]: value } })).toThrow(`environ["${key}"]`);
  });

  test("says what was found and what was wanted", () => {
    expect(() => gateway({ scriptName: "app/" })).toThrow(
      'option scriptName is "app/"; wanted a path such as "/app" without a trailing slash',
    );
  });

  test("takes the options that have defaults as left out when they are undefined", () => {
    const options: object = { scriptName: undefined, maxBodySize: undefined, debug: undefined };
    expect(gateway(options)).toMatchObject({
      scriptName: "",
      maxBodySize: Number.POSITIVE_INFINITY,
      debug: false,
      underscoreHeaders: "drop",
      hopByHop: "refuse",
    });
  });

  test("takes the platform's body limit unless the deployer gives one", () => {
    expect(gateway({}, { maxBodySize: 100 }).maxBodySize).toBe(100);
    expect(gateway({ maxBodySize: 5 }, { maxBodySize: 100 }).maxBodySize).toBe(5);
    expect(gateway({ maxBodySize: 0 }).maxBodySize).toBe(0);
  });
});

describe("toFetch", () => {
  test.each([
    ["http://h.example/x", "h.example", "80", "http"],
    ["https://h.example/x", "h.example", "443", "https"],
    ["https://h.example:8443/x", "h.example", "8443", "https"],
    ["http://[::1]:3000/x", "[::1]", "3000", "http"],
    ["http://[::1]/x", "[::1]", "80", "http"],
  ])("%s has SERVER_NAME %s and SERVER_PORT %s", async (url, name, port, scheme) => {
    expect(await seenBy(new Request(url))).toMatchObject({
      SERVER_NAME: name,
      SERVER_PORT: port,
      "wsgi.url_scheme": scheme,
      PATH_INFO: "/x",
      SERVER_PROTOCOL: "HTTP/1.1",
    });
  });

  test("T05 the path is that of the URL, decoded once", async () => {
    expect(await seenBy(new Request("https://a.example//a%c0%af%252F?x=1#frag?y=2"))).toMatchObject(
      {
        PATH_INFO: "//a\xc0\xaf%2F",
        QUERY_STRING: "x=1",
        REQUEST_URI: "//a%c0%af%252F?x=1",
      },
    );
  });

  test("T04 a forwarding header changes neither scheme nor address nor server", async () => {
    const environ = await seenBy(
      new Request("http://a.example/p", {
        headers: {
          "x-forwarded-proto": "https",
          "x-forwarded-host": "evil.example",
          "x-forwarded-for": "6.6.6.6",
          "cf-connecting-ip": "6.6.6.6",
        },
      }),
    );
    expect(environ["wsgi.url_scheme"]).toBe("http");
    expect(environ.SERVER_NAME).toBe("a.example");
    expect("REMOTE_ADDR" in environ).toBe(false);
  });

  test("dram.signal and fetch.request are the request's own", async () => {
    const request = new Request("http://h.example/");
    const environ = await seenBy(request);
    expect(environ["dram.signal"]).toBe(request.signal);
    expect(environ["fetch.request"]).toBe(request);
  });

  test("T07 a URL into which a Host header with a path was pasted is refused", async () => {
    let called = false;
    const handle = toFetch(
      () => {
        called = true;
        return [];
      },
      { errors: { write() {}, writelines() {}, flush() {} } },
    );
    const request = new Request("http://x/public?/private", { headers: { Host: "x/public?" } });
    expect((await handle(request)).status).toBe(400);
    expect(called).toBe(false);
  });
});

async function seenBy(request: Request): Promise<Environ> {
  const seen: Environ[] = [];
  const handle = toFetch((environ, startResponse) => {
    seen.push({ ...environ });
    startResponse("204 No Content", []);
    return [];
  });
  await handle(request);
  const [environ] = seen;
  if (environ === undefined) {
    throw new Error("the application was not called");
  }
  return environ;
}

describe("native strings", () => {
  test.each([
    ["nothing", "", ""],
    ["ASCII", "abc\x7f\0", "abc\x7f\0"],
    ["two bytes a character", "caf\xe9\x80", "caf\xc3\xa9\xc2\x80"],
    ["three bytes a character", "\u20ac", "\xe2\x82\xac"],
    ["four bytes a character", "\u{1f600}", "\xf0\x9f\x98\x80"],
    ["a byte order mark", "\ufeffa", "\xef\xbb\xbfa"],
  ])("S52 a text of %s is its UTF-8 bytes, and the text again", (_name, content, expected) => {
    expect(nativeFromText(content)).toBe(expected);
    expect(textFromNative(expected)).toBe(content);
  });

  test("S52 a lone surrogate becomes the bytes of U+FFFD", () => {
    expect(nativeFromText("a\ud800b")).toBe("a\xef\xbf\xbdb");
  });

  test.each([
    ["a latin-1 letter", "\xe9"],
    ["half a character", "\xc3"],
    ["an overlong slash", "\xc0\xaf"],
    ["a surrogate", "\xed\xa0\x80"],
    ["0xFF", "a\xff"],
  ])("S52 there is no text for %s, which is not UTF-8", (_name, bytes) => {
    expect(textFromNative(bytes)).toBe(undefined);
  });

  test("S52 any text is the same after both conversions", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (content) => {
        const converted = nativeFromText(content);
        expect(converted).toMatch(/^[\0-\xff]*$/);
        expect(textFromNative(converted)).toBe(content);
      }),
    );
  });

  test("S52 a text of any length is converted", () => {
    const content = "\u20ac".repeat(100_000);
    expect(textFromNative(nativeFromText(content))).toBe(content);
  });

  test("S52 any bytes are either valid UTF-8, and the same after both conversions, or refused", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const content = textFromNative(native(bytes));
        expect(content === undefined || nativeFromText(content) === native(bytes)).toBe(true);
      }),
    );
  });
});
