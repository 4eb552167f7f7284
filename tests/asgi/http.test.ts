import {
  type AsgiApplication,
  type AsgiReceiveEvent,
  type AsgiScope,
  fromAsgi,
  type HttpScope,
} from "dram/asgi";
import { describe, expect, test } from "vitest";
import { bodyOf, exchange, gate, get, headOf, listening, wire } from "../node/helpers.ts";
import { until } from "../targets/target.ts";
import { bytes, request, text } from "./helpers.ts";

const START = { type: "http.response.start", status: 200 } as const;

/** For the http scope alone. */
function http(
  asgi: (
    scope: HttpScope,
    ...rest: [Parameters<AsgiApplication>[1], Parameters<AsgiApplication>[2]]
  ) => Promise<void>,
): AsgiApplication {
  return async (scope, ...rest) => {
    if (scope.type !== "http") {
      throw new Error(`no ${scope.type}`);
    }
    await asgi(scope, ...rest);
  };
}

describe("the scope", () => {
  async function scopeOf(
    path: string,
    init: RequestInit = {},
    scriptName = "",
  ): Promise<HttpScope> {
    let found: AsgiScope | undefined;
    const application = fromAsgi(
      http(async (scope, _receive, send) => {
        found = scope;
        await send(START);
        await send({ type: "http.response.body" });
      }),
    );
    const { toFetch } = await import("dram/fetch");
    await toFetch(application, { scriptName })(new Request(`http://localhost:8080${path}`, init));
    if (found?.type !== "http") {
      throw new Error("the application was not called");
    }
    return found;
  }

  test("has what ASGI says", async () => {
    const {
      extensions: _,
      state,
      ...scope
    } = await scopeOf("/a%2Fb/caf%C3%A9?x=%20&y", {
      method: "PATCH",
      headers: [
        ["X-Test", "1"],
        ["Host", "named.example"],
      ],
    });
    expect(state).toBeUndefined();
    expect(scope).toEqual({
      type: "http",
      asgi: { version: "3.0", spec_version: "2.5" },
      http_version: "1.1",
      method: "PATCH",
      scheme: "http",
      path: "/a/b/caf\u00e9",
      raw_path: bytes("/a%2Fb/caf%C3%A9"),
      query_string: bytes("x=%20&y"),
      root_path: "",
      headers: [
        [bytes("host"), bytes("named.example")],
        [bytes("x-test"), bytes("1")],
      ],
      client: null,
      server: ["localhost", 8080],
    });
  });

  test("has the whole path, and the mount point as its root", async () => {
    const { path, raw_path, root_path } = await scopeOf("/mnt/x", {}, "/mnt");
    expect([path, text(raw_path), root_path]).toEqual(["/mnt/x", "/mnt/x", "/mnt"]);
  });

  test("replaces what is no UTF-8 in the path, and keeps it in raw_path", async () => {
    const { path, raw_path } = await scopeOf("/%E9");
    expect([path, text(raw_path)]).toEqual(["/\ufffd", "/%E9"]);
  });

  test("has the method in upper case", async () => {
    const application = fromAsgi(
      http(async (scope, _receive, send) => {
        await send(START);
        await send({ type: "http.response.body", body: bytes(scope.method) });
      }),
    );
    const { response } = await request(application, { method: "patch" });
    expect(await response.text()).toBe("PATCH");
  });

  test("names the extensions of the platform", async () => {
    const names = async (options: object): Promise<string[]> => {
      let found: string[] = [];
      const { port } = await listening(
        fromAsgi(
          http(async (scope, _receive, send) => {
            found = Object.keys(scope.extensions ?? {});
            await send(START);
            await send({ type: "http.response.body" });
          }),
          options,
        ),
      );
      await exchange(port, get("/"));
      return found.toSorted();
    };
    const common = [
      "dram.capabilities",
      "dram.environ",
      "http.response.early_hint",
      "http.response.trailers",
      "http.response.zerocopysend",
    ];
    expect(await names({})).toEqual(common);
    expect(await names({ open: () => ({ read: () => null }) })).toEqual(
      [...common, "http.response.pathsend"].toSorted(),
    );
  });

  test("has the client, the server and the host first on Node", async () => {
    let found: HttpScope | undefined;
    const { port } = await listening(
      fromAsgi(
        http(async (scope, _receive, send) => {
          found = scope;
          await send(START);
          await send({ type: "http.response.body" });
        }),
      ),
    );
    await exchange(
      port,
      "GET / HTTP/1.1\r\nX-A: 1\r\nCookie: a=1\r\nHost: h\r\nCookie: b=2\r\nConnection: close\r\n\r\n",
    );
    expect(found?.client?.[0]).toBe("127.0.0.1");
    expect(found?.client?.[1]).toBeGreaterThan(1023);
    expect(found?.server).toEqual(["127.0.0.1", port]);
    expect(found?.headers.map(([name, value]) => `${text(name)}: ${text(value)}`)).toEqual([
      "host: h",
      "x-a: 1",
      "cookie: a=1; b=2",
      "connection: close",
    ]);
  });
});

describe("receive", () => {
  test("gives the body as it comes, and then waits for the end", async () => {
    const events: string[] = [];
    const { opened, open } = gate();
    const { port } = await listening(
      fromAsgi(
        http(async (_scope, receive, send) => {
          let more = true;
          while (more) {
            const event = await receive();
            if (event.type !== "http.request") {
              throw new Error(event.type);
            }
            events.push(text(event.body));
            more = event.more_body === true;
          }
          const last = receive().then((event) => events.push(event.type));
          await opened;
          events.push("answers");
          await send(START);
          await send({ type: "http.response.body", body: bytes("done") });
          await last;
          events.push((await receive()).type);
        }),
      ),
    );
    const client = await wire(port);
    client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
    await until(() => events.includes("one"));
    client.send("3\r\ntwo\r\n0\r\n\r\n");
    await until(() => events.includes("two"));
    open();
    await client.receive("done");
    await until(() => events.length === 6);
    expect(events).toEqual(["one", "two", "", "answers", "http.disconnect", "http.disconnect"]);
  });

  test("gives a body of known length without a look for more", async () => {
    const { response } = await request(
      fromAsgi(
        http(async (_scope, receive, send) => {
          const { type: _, ...event } = await receive();
          await send(START);
          await send({ type: "http.response.body", body: bytes(JSON.stringify(event)) });
        }),
      ),
      { method: "POST", body: "hello", headers: { "Content-Length": "5" } },
    );
    expect(await response.json()).toMatchObject({ more_body: false });
  });

  test("gives one empty part where there is no body", async () => {
    let event: AsgiReceiveEvent | undefined;
    await request(
      fromAsgi(
        http(async (_scope, receive, send) => {
          event = await receive();
          await send(START);
          await send({ type: "http.response.body" });
        }),
      ),
    );
    expect(event).toEqual({ type: "http.request", body: new Uint8Array(0), more_body: false });
  });

  test("tells that the client has left in the middle of its body, and send rejects", async () => {
    const seen: unknown[] = [];
    const { port, log, close } = await listening(
      fromAsgi(
        http(async (_scope, receive, send) => {
          for (const _ of [1, 2, 3]) {
            seen.push((await receive()).type);
          }
          await send(START).catch((error: unknown) => {
            seen.push(error);
            throw error;
          });
        }),
      ),
    );
    const client = await wire(port);
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhello");
    await until(() => seen.length === 1);
    client.socket.destroy();
    await until(() => seen.length === 4);
    expect(seen.slice(0, 3)).toEqual(["http.request", "http.disconnect", "http.disconnect"]);
    expect(seen[3]).toMatchObject({ code: "ERR_CLIENT_DISCONNECTED" });
    await close();
    expect(log).toEqual([]);
  });

  test("refuses a body that is too large with 413", async () => {
    const { port } = await listening(
      fromAsgi(
        http(async (_scope, receive, send) => {
          for (;;) {
            const event = await receive();
            if (event.type === "http.request" && !event.more_body) {
              break;
            }
          }
          await send(START);
        }),
      ),
      { maxBodySize: 4 },
    );
    const answer = await exchange(
      port,
      "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    );
    expect(headOf(answer)[0]).toBe("HTTP/1.1 413 Content Too Large");
  });
});

describe("send", () => {
  test("a body in one part is framed by its length", async () => {
    const { port } = await listening(
      fromAsgi(
        http(async (_scope, _receive, send) => {
          await send({
            ...START,
            headers: [
              [bytes("x-a"), bytes("1")],
              [bytes("set-cookie"), bytes("a")],
              [bytes("set-cookie"), bytes("b")],
            ],
          });
          await send({ type: "http.response.body", body: bytes("hello") });
        }),
      ),
    );
    const answer = await exchange(port, get("/"));
    expect(headOf(answer)).toEqual([
      "HTTP/1.1 200 OK",
      "x-a: 1",
      "set-cookie: a",
      "set-cookie: b",
      "Content-Length: 5",
      "Connection: close",
    ]);
    expect(bodyOf(answer)).toBe("hello");
  });

  test("an empty part with more to come sends the head", async () => {
    const { opened, open } = gate();
    const { port } = await listening(
      fromAsgi(
        http(async (_scope, _receive, send) => {
          await send(START);
          await send({ type: "http.response.body", more_body: true });
          await opened;
          await send({ type: "http.response.body", body: bytes("late") });
        }),
      ),
    );
    const client = await wire(port);
    client.send(get("/"));
    expect(await client.receive("\r\n\r\n")).not.toContain("late");
    open();
    expect(await client.end()).toContain("late");
  });

  test("the head waits for the body", async () => {
    const { response } = await request(
      fromAsgi(
        http(async (_scope, _receive, send) => {
          await send(START);
          throw new Error("no database");
        }),
      ),
    );
    expect(response.status).toBe(500);
  });

  test("waits for the client, chunk by chunk", async () => {
    let sent = 0;
    const { port } = await listening(
      fromAsgi(
        http(async (_scope, _receive, send) => {
          await send(START);
          for (let index = 0; index < 1000; index++) {
            await send({
              type: "http.response.body",
              body: new Uint8Array(65_536),
              more_body: true,
            });
            sent++;
          }
          await send({ type: "http.response.body" });
        }),
      ),
    );
    const client = await wire(port);
    client.socket.pause();
    client.send(get("/"));
    let last = -1;
    await until(async () => {
      const before = last;
      last = sent;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return sent > 0 && before === sent;
    });
    expect(sent).toBeLessThan(200);
    client.socket.resume();
    await until(() => sent === 1000);
  });

  test("rejects when the client has left, quietly, and receive tells", async () => {
    const seen: string[] = [];
    const { port, log } = await listening(
      fromAsgi(
        http(async (_scope, receive, send) => {
          await receive();
          receive().then((event) => seen.push(event.type));
          await send(START);
          try {
            for (;;) {
              await send({
                type: "http.response.body",
                body: bytes("x".repeat(1000)),
                more_body: true,
              });
              await new Promise((resolve) => setTimeout(resolve, 5));
            }
          } catch (error) {
            seen.push(error instanceof Error && "code" in error ? String(error.code) : "");
            throw error;
          } finally {
            seen.push("finally");
          }
        }),
      ),
    );
    const client = await wire(port);
    client.send(get("/"));
    await client.receive("xxx");
    client.socket.destroy();
    await until(() => seen.length === 3);
    expect(seen.toSorted()).toEqual(["ERR_CLIENT_DISCONNECTED", "finally", "http.disconnect"]);
    expect(log).toEqual([]);
  });

  test("is not missed where the application has heard that the client has left", async () => {
    const seen: string[] = [];
    const { port, log } = await listening(
      fromAsgi(
        http(async (_scope, receive) => {
          seen.push((await receive()).type, (await receive()).type);
        }),
      ),
    );
    const client = await wire(port);
    client.send(get("/"));
    await new Promise((resolve) => setTimeout(resolve, 50));
    client.socket.destroy();
    await until(() => seen.length === 2);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen).toEqual(["http.request", "http.disconnect"]);
    expect(log).toEqual([]);
  });

  test("an application that fails while it ends behind its client is logged", async () => {
    const { port, log } = await listening(
      fromAsgi(
        http(async (_scope, receive, send) => {
          await receive();
          await send(START);
          await send({ type: "http.response.body", body: bytes("part"), more_body: true });
          await receive();
          throw new Error("cleanup failed");
        }),
      ),
    );
    const client = await wire(port);
    client.send(get("/"));
    await client.receive("part");
    client.socket.destroy();
    await until(() => log.length === 1);
    expect(log[0]).toMatch(/^dram: GET \/: Error: cleanup failed/);
  });

  test("what follows the last part is ignored, and runs behind the response", async () => {
    const { opened, open } = gate();
    const seen: string[] = [];
    const { response } = await request(
      fromAsgi(
        http(async (_scope, _receive, send) => {
          await send(START);
          await send({ type: "http.response.body", body: bytes("first") });
          await send({ type: "http.response.body", body: bytes("second") });
          await send(START);
          await opened;
          seen.push("background");
        }),
      ),
    );
    expect(await response.text()).toBe("first");
    open();
    await until(() => seen.length === 1);
  });

  test("an error behind the response is logged", async () => {
    const { response, lines } = await request(
      fromAsgi(
        http(async (_scope, _receive, send) => {
          await send(START);
          await send({ type: "http.response.body", body: bytes("first") });
          throw new Error("background failed");
        }),
      ),
    );
    expect(await response.text()).toBe("first");
    await until(() => lines.some((line) => line.includes("background failed")));
  });

  test.each<[string, number]>([
    ["no start", 0],
    ["no body", 1],
  ])("an application that ends with %s is answered 500", async (_what, starts) => {
    const { response, lines } = await request(
      fromAsgi(
        http(async (_scope, _receive, send) => {
          if (starts > 0) {
            await send(START);
          }
        }),
      ),
    );
    expect(response.status).toBe(500);
    expect(lines[0]).toMatch(/ERR_NOT_STARTED: the ASGI application has ended without/);
  });

  test("an application that ends in the middle of its body breaks it off", async () => {
    const { port, log } = await listening(
      fromAsgi(
        http(async (_scope, _receive, send) => {
          await send(START);
          await send({ type: "http.response.body", body: bytes("part"), more_body: true });
        }),
      ),
    );
    const answer = await exchange(port, get("/"));
    expect(bodyOf(answer)).toBe("4\r\npart\r\n");
    expect(log[0]).toMatch(/ended without the last http\.response\.body/);
  });

  test.each<[unknown, RegExp]>([
    [null, /the event is null without a type/],
    [{ status: 200 }, /without a type/],
    [
      { type: "http.response.begin" },
      /found "http\.response\.begin"; wanted an event of http\.response/,
    ],
    [
      { type: "http.response.body" },
      /found "http\.response\.body"; wanted "http\.response\.start"/,
    ],
    [{ type: "http.response.trailers" }, /found "http\.response\.trailers"/],
    [
      { type: "http.response.start" },
      /"http\.response\.start": status is undefined; wanted a number/,
    ],
    [{ type: "http.response.start", status: "200" }, /status is a string/],
    [{ type: "http.response.start", status: 99 }, /status/],
    [
      { type: "http.response.start", status: 200, headers: "x" },
      /headers is a string; wanted a list/,
    ],
    [
      { type: "http.response.start", status: 200, headers: [["a", "b"]] },
      /headers\[0\] is \[a string, a string\]/,
    ],
    [
      { type: "http.response.start", status: 200, headers: [[bytes("a b"), bytes("c")]] },
      /is not a header name/,
    ],
    [
      { type: "http.response.start", status: 200, headers: [[bytes("a"), bytes("c\r\nX: y")]] },
      /control character/,
    ],
    [
      { type: "http.response.start", status: 200, trailers: 1 },
      /trailers is a number; wanted true or false/,
    ],
    [{ type: "http.response.pathsend", path: "/x" }, /is no extension of this scope/],
    [{ type: "http.response.zerocopysend", file: 3 }, /file has no read\(size\)/],
    [{ type: "http.response.early_hint", links: 3 }, /links is no list of bytes/],
    [{ type: "websocket.accept" }, /wanted an event of http\.response/],
  ])("raises for %j", async (event, message) => {
    let raised: unknown;
    await request(
      fromAsgi(
        http(async (_scope, _receive, send) => {
          await send(event as never).catch((error: unknown) => {
            raised = error;
          });
          await send(START);
          await send({ type: "http.response.body" });
        }),
      ),
    );
    expect(raised).toMatchObject({ name: "DramError", message: expect.stringMatching(message) });
  });

  test.each<[unknown, RegExp]>([
    [START, /found "http\.response\.start"; wanted "http\.response\.body"/],
    [{ type: "http.response.body", body: "text" }, /body is a string; wanted bytes/],
    [
      { type: "http.response.body", more_body: "yes" },
      /more_body is a string; wanted true or false/,
    ],
  ])("raises after the start for %j", async (event, message) => {
    let raised: unknown;
    await request(
      fromAsgi(
        http(async (_scope, _receive, send) => {
          await send(START);
          await send(event as never).catch((error: unknown) => {
            raised = error;
          });
          await send({ type: "http.response.body" });
        }),
      ),
    );
    expect(raised).toMatchObject({
      code: "ERR_ASGI_EVENT",
      message: expect.stringMatching(message),
    });
  });

  test("Transfer-Encoding of an application is ignored", async () => {
    const { response } = await request(
      fromAsgi(
        http(async (_scope, _receive, send) => {
          await send({ ...START, headers: [[bytes("transfer-encoding"), bytes("chunked")]] });
          await send({ type: "http.response.body", body: bytes("x") });
        }),
      ),
    );
    expect([response.status, response.headers.get("transfer-encoding")]).toEqual([200, null]);
  });

  test("a reason of the application's own", async () => {
    const { port } = await listening(
      fromAsgi(
        http(async (_scope, _receive, send) => {
          await send({ ...START, reason: "Froody" });
          await send({ type: "http.response.body" });
        }),
      ),
    );
    expect(headOf(await exchange(port, get("/")))[0]).toBe("HTTP/1.1 200 Froody");
  });
});

describe("extensions", () => {
  test("early hints leave before the response", async () => {
    const { port } = await listening(
      fromAsgi(
        http(async (_scope, _receive, send) => {
          await send(START);
          await send({
            type: "http.response.early_hint",
            links: [bytes("</a.css>; rel=preload; as=style")],
          });
          await send({ type: "http.response.body", body: bytes("x") });
        }),
      ),
    );
    expect(await exchange(port, get("/"))).toMatch(
      /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>; rel=preload; as=style\r\n\r\nHTTP\/1\.1 200 OK/,
    );
  });

  test("trailers follow the body, for a client that takes them", async () => {
    const { port } = await listening(
      fromAsgi(
        http(async (_scope, _receive, send) => {
          await send({ ...START, trailers: true });
          await send({ type: "http.response.body", body: bytes("x") });
          await send({
            type: "http.response.trailers",
            headers: [[bytes("x-one"), bytes("1")]],
            more_trailers: true,
          });
          await send({ type: "http.response.trailers", headers: [[bytes("x-two"), bytes("2")]] });
        }),
      ),
    );
    expect(bodyOf(await exchange(port, get("/", "TE: trailers")))).toBe(
      "1\r\nx\r\n0\r\nx-one: 1\r\nx-two: 2\r\n\r\n",
    );
    expect(bodyOf(await exchange(port, get("/")))).toBe("1\r\nx\r\n0\r\n\r\n");
  });

  test("trailers take the place of a Content-Length", async () => {
    const { port } = await listening(
      fromAsgi(
        http(async (_scope, _receive, send) => {
          const headers = [[bytes("content-length"), bytes("1")]] as const;
          await send({ ...START, headers, trailers: true });
          await send({ type: "http.response.body", body: bytes("x") });
          await send({ type: "http.response.trailers", headers: [[bytes("x-one"), bytes("1")]] });
        }),
      ),
    );
    expect(bodyOf(await exchange(port, get("/", "TE: trailers")))).toBe(
      "1\r\nx\r\n0\r\nx-one: 1\r\n\r\n",
    );
  });

  test("pathsend sends a file and closes it", async () => {
    let closed = 0;
    const blocks = [bytes("one "), bytes("two")];
    const { response } = await request(
      fromAsgi(
        http(async (_scope, _receive, send) => {
          await send(START);
          await send({ type: "http.response.pathsend", path: "/srv/file" });
        }),
        {
          open: async (path) => ({
            read: () => (path === "/srv/file" ? blocks.shift() : undefined),
            close() {
              closed++;
            },
          }),
        },
      ),
    );
    expect(await response.text()).toBe("one two");
    expect(closed).toBe(1);
  });

  test("zerocopysend mixes parts of files with the body", async () => {
    const content = bytes("0123456789");
    let position = 0;
    const file = {
      seek(to: number) {
        position = to;
      },
      read(size: number) {
        const part = content.slice(position, position + size);
        position += part.length;
        return part;
      },
    };
    const { response } = await request(
      fromAsgi(
        http(async (_scope, _receive, send) => {
          await send(START);
          await send({
            type: "http.response.zerocopysend",
            file,
            offset: 2,
            count: 3,
            more_body: true,
          });
          await send({ type: "http.response.body", body: bytes("-"), more_body: true });
          await send({ type: "http.response.zerocopysend", file });
        }),
      ),
    );
    expect(await response.text()).toBe("234-56789");
  });

  test("tls tells the version", async () => {
    const { makeCertificate } = await import("../targets/certificate.ts");
    const { Agent, request: requestTls } = await import("node:https");
    const tls = makeCertificate();
    let found: unknown;
    const { port } = await listening(
      fromAsgi(
        http(async (scope, _receive, send) => {
          found = [scope.scheme, scope.extensions?.tls];
          await send(START);
          await send({ type: "http.response.body" });
        }),
      ),
      { tls },
    );
    await new Promise((resolve, reject) => {
      requestTls({ port, host: "127.0.0.1", ca: tls.cert, agent: new Agent() }, resolve)
        .on("error", reject)
        .end();
    });
    expect(found).toEqual([
      "https",
      {
        server_cert: null,
        client_cert_chain: [],
        client_cert_name: null,
        client_cert_error: null,
        tls_version: 0x0304,
        cipher_suite: null,
      },
    ]);
  });
});

test("fromAsgi refuses what is no function", () => {
  expect(() => fromAsgi({} as never)).toThrow(/fromAsgi: the application is an Object/);
});
