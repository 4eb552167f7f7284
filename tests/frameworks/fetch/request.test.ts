import type { Environ, GatewayOptions, RequestLine } from "dram";
import { toRequest } from "dram/from/fetch";
import { describe, expect, test } from "vitest";
import { coded, environOf, gateway, idle, latin1, Source } from "../../core/helpers.ts";

type Fields = readonly (readonly [string, string])[];

interface Parts {
  line?: Partial<RequestLine>;
  fields?: Fields;
  body?: Source;
  options?: GatewayOptions;
  changes?: Partial<Environ>;
}

function environ({ line, fields = [], body, options, changes }: Parts = {}): Environ {
  const made = environOf({
    line: line ?? {},
    fields: fields.some(([name]) => name === "Host") ? fields : [["Host", "h.example"], ...fields],
    body: body ?? null,
    gateway: gateway(options),
  });
  return Object.assign(made, changes);
}

describe("the URL", () => {
  test.each<[string, Parts]>([
    ["http://h.example/", {}],
    ["http://h.example/a%2Fb?x=1&x=2", { line: { target: "/a%2Fb?x=1&x=2" } }],
    ["http://h.example/caf%C3%A9?q=%E9", { line: { target: "/caf\xc3\xa9?q=\xe9" } }],
    ["http://h.example//evil.example/x", { line: { target: "//evil.example/x" } }],
    [
      "https://h.example:8443/",
      { line: { scheme: "https" }, fields: [["Host", "h.example:8443"]] },
    ],
    ["http://[::1]:8080/", { fields: [["Host", "[::1]:8080"]] }],
    ["http://server.example:8080/", { changes: { HTTP_HOST: undefined } }],
    ["http://h.example/changed", { changes: { PATH_INFO: "/changed" } }],
    ["http://h.example/a%5C..%5Cb", { line: { target: "/a\\..\\b" } }],
  ])("is %s", (url, parts) => {
    expect(toRequest(environ(parts)).url).toBe(url);
  });

  const mounted = { options: { scriptName: "/shop" }, line: { target: "/shop/cart?id=1" } };

  test("is the one that the client asked for, mount and all", () => {
    expect(toRequest(environ(mounted)).url).toBe("http://h.example/shop/cart?id=1");
  });

  test("is without the mount for a handler that is at home at the root", () => {
    const { url } = toRequest(environ(mounted), { stripScriptName: true });
    expect(url).toBe("http://h.example/cart?id=1");
  });

  test.each(["/a/../admin", "/a/..", "/./a", "/a/%2e%2e/admin", "/a/.%2E", "/.?x"])(
    "is refused where it would become another path: %s",
    (target) => {
      expect(() => toRequest(environ({ line: { target } }))).toThrow(coded("ERR_TARGET"));
    },
  );

  test.each(["/a/..b/c", "/a/...", "/.well-known/x", "/a?b=/../c", "/a/%252e%252e/b"])(
    "may have dots: %s",
    (target) => {
      expect(toRequest(environ({ line: { target } })).url).toBe(`http://h.example${target}`);
    },
  );

  test.each(["1.2.3.4.5", "a:99999", "[::1::]"])("is refused with the host %s", (host) => {
    const parts = { fields: [["Host", host]] as const };
    expect(() => toRequest(environ(parts))).toThrow(coded("ERR_HOST"));
  });
});

describe("method and headers", () => {
  test.each(["GET", "HEAD", "POST", "DELETE", "OPTIONS", "PROPFIND"])("%s", (method) => {
    expect(toRequest(environ({ line: { method } })).method).toBe(method);
  });

  test("a method that no Request can have is refused", () => {
    const parts = { line: { method: "TRACE" } };
    expect(() => toRequest(environ(parts))).toThrow(coded("ERR_METHOD"));
  });

  test("are the client's, cookies joined with a semicolon, bytes as they are", () => {
    const { headers } = toRequest(
      environ({
        fields: [
          ["Content-Type", "text/plain"],
          ["Cookie", "a=1"],
          ["Cookie", "b=2"],
          ["X-Name", "caf\xc3\xa9 \xe9"],
          ["X-Empty", ""],
        ],
      }),
    );
    expect([...headers]).toEqual([
      ["content-type", "text/plain"],
      ["cookie", "a=1; b=2"],
      ["host", "h.example"],
      ["x-empty", ""],
      ["x-name", "caf\xc3\xa9 \xe9"],
    ]);
  });
});

describe("the body", () => {
  function post(body: Source, fields: Fields = []): Request {
    return toRequest(environ({ line: { method: "POST" }, body, fields }));
  }

  test("arrives whole", async () => {
    expect(await post(new Source("ab", "cd\n", "e")).text()).toBe("abcd\ne");
  });

  test("is not read before somebody does, and then one chunk at a time", async () => {
    const source = new Source("ab", "cd", "ef");
    const reader = post(source).body?.getReader();
    await idle();
    expect(source.reads).toBe(0);
    expect(await reader?.read()).toEqual({ done: false, value: latin1("ab") });
    await idle();
    expect(source.reads).toBe(1);
  });

  test("is an error where the client leaves, not an end", async () => {
    const request = post(new Source("half"), [["Content-Length", "8"]]);
    await expect(request.text()).rejects.toThrow(coded("ERR_CLIENT_DISCONNECTED"));
  });

  test("is an error over maxBodySize", async () => {
    const request = toRequest(
      environ({
        line: { method: "POST" },
        body: new Source("12345"),
        options: { maxBodySize: 4 },
      }),
    );
    await expect(request.text()).rejects.toThrow(coded("ERR_BODY_TOO_LARGE"));
  });

  test("is null with GET and HEAD, and where its length is 0", () => {
    expect(toRequest(environ({ body: new Source("x") })).body).toBeNull();
    expect(toRequest(environ({ line: { method: "HEAD" } })).body).toBeNull();
    expect(post(new Source(), [["Content-Length", "0"]]).body).toBeNull();
  });

  test("is what middleware has put in its place", async () => {
    const made = environ({ line: { method: "POST" } });
    made["wsgi.input"] = environ({ line: { method: "POST" }, body: new Source("other") })[
      "wsgi.input"
    ];
    expect(await toRequest(made).text()).toBe("other");
  });
});

describe("the signal", () => {
  test("follows dram.signal, with its reason", () => {
    const controller = new AbortController();
    const { signal } = toRequest(environ({ changes: { "dram.signal": controller.signal } }));
    expect(signal.aborted).toBe(false);
    const reason = new Error("the client left");
    controller.abort(reason);
    expect([signal.aborted, signal.reason]).toEqual([true, reason]);
  });

  test("is there where the platform has none", () => {
    expect(toRequest(environ()).signal.aborted).toBe(false);
  });
});

describe("the platform's own request", () => {
  const own = new Request("http://own.example/");

  test("is handed on where there is one", () => {
    const changes = { "dram.native_request": () => own };
    expect(toRequest(environ({ changes }))).toBe(own);
  });

  test("is not, if it is of another kind", () => {
    const changes = { "dram.native_request": () => ({ url: "/" }) };
    expect(toRequest(environ({ changes })).url).toBe("http://h.example/");
  });

  test("is not, if the handler wants another URL", () => {
    const changes = { "dram.native_request": () => own };
    const made = environ({
      options: { scriptName: "/m" },
      line: { target: "/m/x" },
      changes,
    });
    expect(toRequest(made)).toBe(own);
    expect(toRequest(made, { stripScriptName: true }).url).toBe("http://h.example/x");
  });

  test("is asked for with the environ that was given", () => {
    let asked: unknown;
    const made = environ({
      changes: {
        "dram.native_request": (given) => {
          asked = given;
        },
      },
    });
    toRequest(made);
    expect(asked).toBe(made);
  });
});
