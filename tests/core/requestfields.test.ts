import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createEnviron, type Environ, RequestFields } from "dram";
import { toFetch } from "dram/fetch";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { coded, duration, environOf, gateway, Log, native, requestLine } from "./helpers.ts";

type Fields = readonly (readonly [name: string, value: string])[];

function environWith(...fields: Fields): Environ {
  return environOf({ fields });
}

function environOfText(value: string): Environ {
  return environOf({
    fields: [["X-A", value]],
    gateway: gateway({}, { headerDecoding: "utf8" }),
  });
}

describe("names", () => {
  test("E15 a header becomes HTTP_ and its name in capitals, dashes as underscores", () => {
    expect(environWith(["X-Some-thing", "a"]).HTTP_X_SOME_THING).toBe("a");
  });

  test("E20 Content-Type and Content-Length go by their CGI names only", () => {
    const environ = environWith(["content-type", "a/b"], ["CONTENT-LENGTH", "0"]);
    expect(environ).toMatchObject({ CONTENT_TYPE: "a/b", CONTENT_LENGTH: "0" });
    expect("HTTP_CONTENT_TYPE" in environ).toBe(false);
    expect("HTTP_CONTENT_LENGTH" in environ).toBe(false);
  });

  test.each(["Proxy", "proxy", "PROXY"])("T02 E24 %s is dropped", (name) => {
    expect("HTTP_PROXY" in environWith([name, "http://evil.example:8080/"])).toBe(false);
  });

  test("T02 Proxy-Authorization is no Proxy", () => {
    expect(environWith(["Proxy-Authorization", "a"]).HTTP_PROXY_AUTHORIZATION).toBe("a");
  });

  test("a name is told by itself, not by its place in the request before", () => {
    environWith(["X-One", "1"], ["X-Two", "2"], ["X-Three", "3"]);
    const environ = environWith(["X-Two", "b"], ["X-One", "a"], ["X-Tree", "c"]);
    expect(environ).toMatchObject({ HTTP_X_TWO: "b", HTTP_X_ONE: "a", HTTP_X_TREE: "c" });
    expect("HTTP_X_THREE" in environ).toBe(false);
  });

  test("a name at the place of the request before is not looked up again", () => {
    environWith(["X-First", "1"], ["X-Second", "2"]);
    const lookUp = vi.spyOn(Map.prototype, "get");
    const environ = environWith(["X-First", "3"], ["X-Second", "4"]);
    const names = lookUp.mock.calls.map(([name]) => name);
    lookUp.mockRestore();
    expect(environ).toMatchObject({ HTTP_X_FIRST: "3", HTTP_X_SECOND: "4" });
    expect(names).not.toContain("X-First");
    expect(names).not.toContain("X-Second");
  });

  test("T11 names of Object.prototype's members are names like others", () => {
    const environ = environWith(["constructor", "a"], ["toString", "b"], ["valueOf", "c"]);
    expect(environ).toMatchObject({
      HTTP_CONSTRUCTOR: "a",
      HTTP_TOSTRING: "b",
      HTTP_VALUEOF: "c",
    });
    expect("constructor" in environ).toBe(false);
  });

  test("T11 __proto__ is dropped for its underscores and changes no prototype", () => {
    const before = Object.getPrototypeOf(environOf());
    const environ = environWith(["__proto__", "x"]);
    expect("HTTP___PROTO__" in environ).toBe(false);
    expect("__proto__" in environ).toBe(false);
    expect(Object.getPrototypeOf(environ)).toBe(before);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test("T12 a name with dots is no key of the gateway's", () => {
    const environ = environWith(
      ["wsgi.input", "x"],
      ["wsgi.url-scheme", "https"],
      ["dram.event", "{}"],
    );
    expect(environ["wsgi.input"]).toBeTypeOf("object");
    expect(environ["wsgi.url_scheme"]).toBe("http");
    expect("dram.event" in environ).toBe(false);
    expect(environ["HTTP_WSGI.INPUT"]).toBe("x");
  });

  test("T12 Script-Name and Path-Info change neither SCRIPT_NAME nor PATH_INFO", () => {
    const environ = environOf({
      line: { target: "/admin/x" },
      fields: [
        ["Script-Name", "/admin"],
        ["Script_Name", "/admin"],
        ["Path-Info", "/evil"],
      ],
    });
    expect(environ).toMatchObject({
      SCRIPT_NAME: "",
      PATH_INFO: "/admin/x",
      HTTP_SCRIPT_NAME: "/admin",
      HTTP_PATH_INFO: "/evil",
    });
  });

  test.each([
    ["nothing", ""],
    ["a space", "X A"],
    ["a colon", "X-A:"],
    ["CR LF", "X-A\r\nX-B"],
    ["NUL", "X-A\0"],
    ["a letter that is not ASCII", "X-stra\xdfe"],
    ["a slash", "X/A"],
    ["a bracket", "X[A]"],
  ])("T03 a name with %s is refused", (_name, name) => {
    expect(() => environWith([name, "a"])).toThrow(coded("ERR_REQUEST_HEADER"));
  });

  test("all other characters of a token are allowed in a name", () => {
    expect(environWith(["!#$%&'*+.^`|~1x", "a"])["HTTP_!#$%&'*+.^`|~1X"]).toBe("a");
  });
});

describe("names with an underscore", () => {
  test("T01 are dropped, whatever stands before or after them", () => {
    const environ = environWith(
      ["X_Auth_User", "admin"],
      ["X-Auth-User", "alice"],
      ["X-AUTH_USER", "root"],
    );
    expect(environ.HTTP_X_AUTH_USER).toBe("alice");
  });

  test("T01 E19 are dropped without one with dashes, too", () => {
    expect("HTTP_X_AUTH_USER" in environWith(["X_Auth_User", "admin"])).toBe(false);
  });

  test("T01 have no say in the framing", () => {
    const environ = environWith(
      ["Content_Length", "999"],
      ["Transfer_Encoding", "chunked"],
      ["Content-Length", "3"],
    );
    expect(environ.CONTENT_LENGTH).toBe("3");
    expect("HTTP_CONTENT_LENGTH" in environ).toBe(false);
    expect("HTTP_TRANSFER_ENCODING" in environ).toBe(false);
  });

  test("T01 cause one warning a gateway, the name escaped and on one line", () => {
    const errors = new Log();
    const made = gateway({ errors });
    environOf({ gateway: made, fields: [["X_First", "1"]] });
    environOf({ gateway: made, fields: [["X_Second", "2"]] });
    expect(errors.writes).toHaveLength(1);
    expect(errors.writes[0]).toMatch(/^dram: dropped the request header "X_First": .*\n$/);
  });

  test("T01 are refused with the option refuse", () => {
    const made = gateway({ underscoreHeaders: "refuse" });
    expect(() => environOf({ gateway: made, fields: [["X_A", "1"]] })).toThrow(
      coded("ERR_REQUEST_HEADER"),
    );
    expect(environOf({ gateway: made, fields: [["X-A", "1"]] }).HTTP_X_A).toBe("1");
  });
});

describe("repeated fields", () => {
  test("T09 E16 are joined with a comma and a space, in order", () => {
    expect(environWith(["Foo", "bar"], ["X-A", "-"], ["FOO", "baz"]).HTTP_FOO).toBe("bar, baz");
  });

  test("T09 E17 Cookie is joined with a semicolon and a space", () => {
    expect(environWith(["Cookie", "a=1"], ["cookie", "b=2; c=3"]).HTTP_COOKIE).toBe(
      "a=1; b=2; c=3",
    );
  });

  test("T09 equal values are both kept", () => {
    expect(environWith(["X-A", "1"], ["X-A", "1"]).HTTP_X_A).toBe("1, 1");
  });

  test("T09 two Authorization headers are never one of the two", () => {
    expect(
      environWith(["Authorization", "Basic YTpi"], ["Authorization", "Bearer x"])
        .HTTP_AUTHORIZATION,
    ).toBe("Basic YTpi, Bearer x");
  });

  test("T09 an empty value is joined like others", () => {
    expect(environWith(["X-A", ""], ["X-A", "b"]).HTTP_X_A).toBe(", b");
    expect(environWith(["X-A", "a"], ["X-A", ""]).HTTP_X_A).toBe("a, ");
  });

  test("T08 two Content-Type headers are refused", () => {
    expect(() => environWith(["Content-Type", "a/b"], ["content-type", "a/b"])).toThrow(
      coded("ERR_REQUEST_HEADER"),
    );
  });

  test("T07 two Host headers are refused, even equal ones", () => {
    expect(() => environWith(["Host", "a.example"], ["Host", "a.example"])).toThrow(
      coded("ERR_REQUEST_HEADER"),
    );
  });

  test("T09 of a hundred names each keeps its own values, in whatever case they come", () => {
    const names = Array.from({ length: 100 }, (_, index) => `x-${index}`);
    const environ = environWith(
      ...names.map((name): [string, string] => [name, name]),
      ...names.map((name): [string, string] => [name.toUpperCase(), "again"]),
    );
    for (const name of names) {
      expect(environ[`HTTP_${name.toUpperCase().replace("-", "_")}`]).toBe(`${name}, again`);
    }
  });

  test("the first field of a name asks environ for no earlier one", () => {
    const asked: PropertyKey[] = [];
    const environ = new Proxy(environOf(), {
      get(target, key): unknown {
        asked.push(key);
        return Reflect.get(target, key);
      },
    });
    const fields = new RequestFields(environ, gateway());
    fields.add("Accept", "a");
    expect(asked).toEqual([]);
    fields.add("accept", "b");
    expect(asked).toEqual(["HTTP_ACCEPT"]);
    expect(environ.HTTP_ACCEPT).toBe("a, b");
  });

  test("T09 any fields arrive joined in order", () => {
    const name = fc.constantFrom("Accept", "X-A", "x-a", "Cookie", "COOKIE");
    const value = fc.stringMatching(/^[!-~]{0,9}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (fields) => {
        const environ = environWith(...fields);
        for (const [key, joint] of [
          ["ACCEPT", ", "],
          ["X-A", ", "],
          ["COOKIE", "; "],
        ] as const) {
          const values = fields.filter((field) => field[0].toUpperCase() === key);
          expect(environ[`HTTP_${key.replace("-", "_")}`]).toBe(
            values.length === 0 ? undefined : values.map((field) => field[1]).join(joint),
          );
        }
      }),
    );
  });
});

describe("values", () => {
  test("E18 an empty value is present", () => {
    expect(environWith(["X-Empty", ""]).HTTP_X_EMPTY).toBe("");
    expect(environWith(["Content-Type", ""]).CONTENT_TYPE).toBe("");
  });

  test.each([
    ["spaces and tabs around it", "\t a b\t ", "a b"],
    ["nothing else", " \t ", ""],
    ["a tab inside", "a\tb", "a\tb"],
    ["bytes beside the white space", " \xe9 ", "\xe9"],
  ])("white space is no part of a value: %s", (_name, value, expected) => {
    expect(environWith(["X-A", value]).HTTP_X_A).toBe(expected);
  });

  test("white space at the end is no part of a value decoded as UTF-8 either", () => {
    expect(environOfText("a b\t ").HTTP_X_A).toBe("a b");
    expect(environOfText(" \u20ac\t ").HTTP_X_A).toBe("\xe2\x82\xac");
  });

  test("U+00A0 and other Unicode spaces are not trimmed", () => {
    expect(environWith(["X-A", "\xa0a\xa0"]).HTTP_X_A).toBe("\xa0a\xa0");
    expect(environOfText("\u2003a").HTTP_X_A).toBe("\xe2\x80\x83a");
  });

  test("T10 E21 E22 bytes that the platform decoded as latin-1 stay as they are", () => {
    expect(environWith(["X-A", "caf\xe9"]).HTTP_X_A).toBe("caf\xe9");
    expect(environWith(["X-A", "\xe2\x82\xac\xff"]).HTTP_X_A).toBe("\xe2\x82\xac\xff");
  });

  test("T10 E21 a text that the platform decoded as UTF-8 becomes its bytes again", () => {
    expect(environOfText("caf\xe9").HTTP_X_A).toBe("caf\xc3\xa9");
    expect(environOfText("\u20ac\u{1f600}").HTTP_X_A).toBe("\xe2\x82\xac\xf0\x9f\x98\x80");
  });

  test("T10 E22 a byte that the platform has lost is its replacement character", () => {
    expect(environOfText("caf\ufffd").HTTP_X_A).toBe("caf\xef\xbf\xbd");
  });

  test("T10 any bytes without control characters arrive unchanged from both decodings", () => {
    const visible = fc.uint8Array({ min: 0x21 }).filter((bytes) => !bytes.includes(0x7f));
    fc.assert(
      fc.property(visible, (bytes) => {
        expect(environWith(["X-A", native(bytes)]).HTTP_X_A).toBe(native(bytes));
        const asText = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
        const again = native(new TextEncoder().encode(asText));
        expect(environOfText(asText).HTTP_X_A).toBe(again);
      }),
    );
  });

  test("T03 every control character but the tab is refused, wherever it stands", () => {
    for (let code = 0; code <= 0x7f; code++) {
      const character = String.fromCharCode(code);
      if ((code < 0x20 && character !== "\t") || code === 0x7f) {
        for (const value of [`a${character}b`, `a${character}`, `${character}a`, character]) {
          const reason = `0x${code.toString(16)}`;
          expect(() => environWith(["X-A", value]), reason).toThrow(coded("ERR_REQUEST_HEADER"));
          expect(() => environOfText(value), reason).toThrow(coded("ERR_REQUEST_HEADER"));
        }
      }
    }
  });

  test("T03 a control character is refused in a header that would be dropped, too", () => {
    expect(() => environWith(["Proxy", "a\0"])).toThrow(coded("ERR_REQUEST_HEADER"));
    expect(() => environWith(["X_A", "a\0"])).toThrow(coded("ERR_REQUEST_HEADER"));
  });

  test("T03 the error quotes name and value in one line of printable ASCII", () => {
    expect(() => environWith(["X-A", "\x1b[31m\xe9\r\nX-B: 1"])).toThrow(
      /^the value of the "X-A" header holds a control character: "\\u001b\[31m\\xe9\\r\\nX-B: 1"$/,
    );
  });

  test("T13 a value costs time in proportion to its length", () => {
    const value = `\xe9${" ".repeat(64_000)}x`;
    expect(duration(() => environWith(["X-A", value]))).toBeLessThan(1_000);
  });
});

describe("Host", () => {
  test.each([
    "example.com",
    "EXAMPLE.com",
    "example.com:8080",
    "example.com:",
    "localhost",
    "127.0.0.1:80",
    "[::1]",
    "[::1]:8080",
    "[2001:db8::192.0.2.1]",
    "xn--mnchen-3ya.example",
    "under_score.example",
    "a-b~c.example.",
    "h:65535",
  ])("T07 %s is taken", (host) => {
    expect(environWith(["Host", host]).HTTP_HOST).toBe(host);
  });

  test.each([
    "",
    "a/c",
    "evil/admin?",
    "x/public?",
    "evil?x",
    "evil#x",
    "good.example@evil.example",
    "user:password@evil.example",
    'a<script>"b',
    "a b",
    "a.example, b.example",
    "a.example,b.example",
    "a;b",
    "a%20b",
    "%61.example",
    "a\\b",
    "http://a.example",
    "//a.example",
    "*",
    "a:b",
    "a:-1",
    "a:80:80",
    "a:123456",
    ":80",
    "::1",
    "[::1",
    "::1]",
    "[]",
    "[::1]x",
    "[g::1]",
    "[fe80::1%25eth0]",
    "caf\xe9.example",
  ])("T07 %j is refused", (host) => {
    expect(() => environWith(["Host", host])).toThrow(coded("ERR_HOST"));
  });

  test("T07 a host with a control character is refused", () => {
    expect(() => environWith(["Host", "a\x01b"])).toThrow(coded("ERR_REQUEST_HEADER"));
  });

  test("T07 a host is refused again when it comes a second time", () => {
    expect(() => environWith(["Host", "bad host"])).toThrow(coded("ERR_HOST"));
    expect(() => environWith(["Host", "bad host"])).toThrow(coded("ERR_HOST"));
  });
});

describe("the host of a target in absolute form", () => {
  function replacing(authority: string, ...fields: Fields): Environ {
    const made = gateway();
    const environ = createEnviron(made, requestLine());
    const adding = new RequestFields(environ, made);
    for (const [name, value] of fields) {
      adding.add(name, value);
    }
    adding.replaceHost(authority);
    return environ;
  }

  test("T07 a Host header behind it is the second", () => {
    const fields = new RequestFields(environOf(), gateway());
    fields.replaceHost("a.example");
    expect(() => fields.add("host", "b.example")).toThrow(coded("ERR_REQUEST_HEADER"));
  });

  test("T06 takes the place of the Host header", () => {
    expect(replacing("a.example:81", ["Host", "b.example"]).HTTP_HOST).toBe("a.example:81");
    expect(replacing("a.example").HTTP_HOST).toBe("a.example");
  });

  test.each(["", "user@a.example", "a.example/x", "a b", "[::1"])(
    "T06 must be a host: %j",
    (host) => {
      expect(() => replacing(host)).toThrow(coded("ERR_HOST"));
    },
  );
});

describe("Content-Length", () => {
  test.each(["0", "5", "007", "9007199254740991"])("%s is taken as it is", (length) => {
    expect(environWith(["Content-Length", length]).CONTENT_LENGTH).toBe(length);
  });

  test.each([
    "",
    "abc",
    "-1",
    "+5",
    "5, 5",
    "5,6",
    "0_3",
    "1e3",
    "0x10",
    "5.0",
    "1 0",
    "5;",
    "\xb2",
    "9007199254740992",
    "99999999999999999999",
  ])("T08 I17 the value %j is refused", (length) => {
    expect(() => environWith(["Content-Length", length])).toThrow(coded("ERR_FRAMING"));
  });

  test.each([
    ["the same", "3"],
    ["another", "5"],
  ])("T08 a second one with %s value is refused", (_name, second) => {
    expect(() => environWith(["Content-Length", "3"], ["content-length", second])).toThrow(
      coded("ERR_FRAMING"),
    );
  });

  test("T13 above maxBodySize is refused with 413", () => {
    const made = gateway({ maxBodySize: 5 });
    const announcing = (length: string) => () =>
      environOf({ gateway: made, fields: [["Content-Length", length]] });
    expect(announcing("5")().CONTENT_LENGTH).toBe("5");
    expect(announcing("6")).toThrow(coded("ERR_BODY_TOO_LARGE"));
    expect(announcing("6")).toThrow(expect.objectContaining({ status: 413 }));
  });

  test("T13 above maxBodySize is refused before a body is opened", () => {
    const made = gateway({ maxBodySize: 5 });
    const fields = new RequestFields(createEnviron(made, requestLine()), made);
    fields.add("Content-Length", "6");
    let opened = 0;
    const open = () => {
      opened++;
      return null;
    };
    expect(() => fields.finish(open)).toThrow(coded("ERR_BODY_TOO_LARGE"));
    expect(opened).toBe(0);
  });
});

describe("Transfer-Encoding", () => {
  test.each(["chunked", "Chunked", "ChuNked", " chunked "])(
    "S59 %j is the platform's affair: neither it nor a length is in environ",
    (value) => {
      const environ = environWith(["Transfer-Encoding", value]);
      expect("HTTP_TRANSFER_ENCODING" in environ).toBe(false);
      expect("CONTENT_LENGTH" in environ).toBe(false);
    },
  );

  test.each([
    "",
    "xchunked",
    "chunked, identity",
    "gzip, chunked",
    "chunked, chunked",
    "identity",
    "gzip",
    "chunked;a=b",
    '"chunked"',
    "\x0bchunked",
  ])("T08 %j is refused", (value) => {
    expect(() => environWith(["Transfer-Encoding", value])).toThrow(
      coded(value.startsWith("\x0b") ? "ERR_REQUEST_HEADER" : "ERR_FRAMING"),
    );
  });

  test("T08 twice is refused", () => {
    expect(() =>
      environWith(["Transfer-Encoding", "chunked"], ["Transfer-Encoding", "chunked"]),
    ).toThrow(coded("ERR_FRAMING"));
  });

  test("T08 in HTTP/1.0 is refused", () => {
    expect(() =>
      environOf({ line: { protocol: "HTTP/1.0" }, fields: [["Transfer-Encoding", "chunked"]] }),
    ).toThrow(coded("ERR_FRAMING"));
  });

  test.each([
    ["before", ["Transfer-Encoding", "chunked"], ["Content-Length", "5"]],
    ["behind", ["Content-Length", "5"], ["Transfer-Encoding", "chunked"]],
    ["and a length of zero", ["Content-Length", "0"], ["Transfer-Encoding", "chunked"]],
  ] as const)("T08 %s Content-Length is refused", (_where, first, second) => {
    expect(() => environWith(first, second)).toThrow(coded("ERR_FRAMING"));
  });
});

describe("limits", () => {
  const some = (count: number): Fields =>
    Array.from({ length: count }, (_, index) => [`x${index}`, "1"]);

  test("T13 2000 fields are taken, 2001 are refused with 431", () => {
    expect(environWith(...some(2000)).HTTP_X1999).toBe("1");
    expect(() => environWith(...some(2001))).toThrow(coded("ERR_REQUEST_HEADERS_TOO_LARGE"));
    expect(() => environWith(...some(2001))).toThrow(expect.objectContaining({ status: 431 }));
  });

  test("T13 dropped fields count", () => {
    const dropped: Fields = Array.from({ length: 2001 }, () => ["Proxy", ""]);
    expect(() => environWith(...dropped)).toThrow(coded("ERR_REQUEST_HEADERS_TOO_LARGE"));
  });

  test("T13 131072 characters of names and values are taken, one more is refused", () => {
    const rest = 131_072 - "X-AX-B".length - 1000;
    const within: Fields = [
      ["X-A", "a".repeat(1000)],
      ["X-B", "b".repeat(rest)],
    ];
    expect(environWith(...within).HTTP_X_B).toHaveLength(rest);
    expect(() => environWith(...within, ["c", ""])).toThrow(coded("ERR_REQUEST_HEADERS_TOO_LARGE"));
  });

  test("T13 2000 fields of one name are joined in proportionate time", () => {
    const same: Fields = Array.from({ length: 2000 }, () => ["X-A", "a".repeat(50)]);
    expect(duration(() => environWith(...same))).toBeLessThan(1_000);
    expect(environWith(...same).HTTP_X_A).toHaveLength(2000 * 50 + 1999 * 2);
  });

  test("T13 names and hosts of a great length are not kept after their request", () => {
    const long = (index: number) => `${index}${"a".repeat(60_000)}`;
    setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let index = 0; index < 400; index++) {
      environWith(["Host", long(index)], [long(index), "1"]);
    }
    collect();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000);
  });
});

describe("a refused request", () => {
  test.each([
    [400, [["Host", "a.example@b.example"]]],
    [
      400,
      [
        ["X-A", "b"],
        ["Content-Length", "1, 2"],
      ],
    ],
    [400, [["Transfer-Encoding", "gzip, chunked"]]],
    [413, [["Content-Length", "11"]]],
    [431, [["X-A", "a".repeat(131_072)]]],
  ] satisfies [number, [string, string][]][])(
    "is answered %d, logged in one line, and no application is called",
    async (status, headers) => {
      const errors = new Log();
      let called = false;
      const handle = toFetch(
        () => {
          called = true;
          return [];
        },
        { errors, maxBodySize: 10 },
      );
      const response = await handle(new Request("http://h.example/", { headers }));
      expect(response.status).toBe(status);
      expect(called).toBe(false);
      expect(errors.writes).toHaveLength(1);
      expect(errors.writes[0]).toMatch(/^dram: request refused: ERR_[A-Z_]+: [ -~]*\n$/);
    },
  );
});
