// Each fault that contract and measurement have found in bridges from WSGI to ASGI.

import { type Application, mount, text as textBody } from "dram";
import { type AsgiSendEvent, type HttpScope, type ToAsgiOptions, toAsgi } from "dram/asgi";
import { describe, expect, test } from "vitest";
import { until } from "../targets/target.ts";
import { bytes, httpScope, makeLog, serverOf, text } from "./helpers.ts";

const OK = "200 OK";

/** What an application makes of a request: the start and the whole body. */
async function responseOf(
  application: Application,
  scope: Partial<HttpScope> = {},
  body: readonly string[] = [],
  options: ToAsgiOptions = {},
) {
  const { errors, lines } = makeLog();
  const events = body.map((part, index) => ({
    type: "http.request" as const,
    body: bytes(part),
    more_body: index < body.length - 1,
  }));
  const { sent, done } = serverOf(
    toAsgi(application, { errors, ...options }),
    httpScope(scope),
    events.length > 0 ? events : undefined,
  );
  let raised: unknown;
  await done.catch((error: unknown) => {
    raised = error;
  });
  return { sent, raised, lines, ...summary(sent) };
}

function summary(sent: readonly AsgiSendEvent[]) {
  const [start] = sent;
  const headers = start?.type === "http.response.start" ? (start.headers ?? []) : [];
  return {
    status: start?.type === "http.response.start" ? start.status : undefined,
    headers: headers.map(([name, value]) => [text(name), Buffer.from(value).toString("latin1")]),
    body: sent
      .map((event) => (event.type === "http.response.body" ? text(event.body) : ""))
      .join(""),
  };
}

function environOf(scope: Partial<HttpScope>, options: ToAsgiOptions = {}) {
  let found: Record<string, unknown> = {};
  return responseOf(
    (environ, startResponse) => {
      found = { ...environ };
      startResponse(OK, []);
      return [];
    },
    scope,
    [],
    options,
  ).then(() => found);
}

describe("the environ", () => {
  test("has the server and the client", async () => {
    expect(await environOf({ server: ["::1", 8080], client: ["10.0.0.1", 5000] })).toMatchObject({
      SERVER_NAME: "[::1]",
      SERVER_PORT: "8080",
      REMOTE_ADDR: "10.0.0.1",
      REMOTE_PORT: "5000",
      SERVER_PROTOCOL: "HTTP/1.1",
      SERVER_SOFTWARE: expect.stringContaining("(asgi)"),
    });
  });

  test("does without them", async () => {
    expect(await environOf({ server: null, client: null })).toMatchObject({
      SERVER_NAME: "localhost",
      SERVER_PORT: "80",
    });
    expect(await environOf({ server: ["/run/app.sock", null] })).toMatchObject({
      SERVER_NAME: "localhost",
    });
  });

  test("has the path byte for byte", async () => {
    expect(
      await environOf({
        path: "/a/\ufffd",
        raw_path: bytes("/a%2F%E9"),
        query_string: bytes("x=%20"),
      }),
    ).toMatchObject({
      PATH_INFO: "/a/\xe9",
      REQUEST_URI: "/a%2F%E9?x=%20",
      QUERY_STRING: "x=%20",
    });
  });

  test("makes the path of text where the server keeps no bytes", async () => {
    expect(await environOf({ path: "/caf\u00e9 ?%#", raw_path: null })).toMatchObject({
      PATH_INFO: "/caf\xc3\xa9 ?%#",
      REQUEST_URI: "/caf%C3%A9%20%3F%25%23",
    });
  });

  test.each([
    ["/app/x", "/app", "/x"],
    ["/app", "/app", ""],
    // Some servers leave the root out of the path; a prefix that is no segment is none.
    ["/x", "/app", "/x"],
    ["/application/x", "/app", "/application/x"],
  ])("cuts the root path on a segment: %s below %s", async (path, rootPath, pathInfo) => {
    expect(await environOf({ path, root_path: rootPath })).toMatchObject({
      SCRIPT_NAME: rootPath,
      PATH_INFO: pathInfo,
    });
  });

  test("has a mount point of the gateway below the server's", async () => {
    expect(
      await environOf({ path: "/app/mnt/x", root_path: "/app" }, { scriptName: "/mnt" }),
    ).toMatchObject({
      SCRIPT_NAME: "/app/mnt",
      PATH_INFO: "/x",
    });
  });

  test("joins cookies with a semicolon, and other fields with a comma", async () => {
    const headers = [
      ["cookie", "a=1"],
      ["x-a", "1"],
      ["cookie", "b=2"],
      ["x-a", "caf\u00e9"],
    ].map(([name = "", value = ""]) => [bytes(name), bytes(value)] as const);
    expect(await environOf({ headers })).toMatchObject({
      HTTP_COOKIE: "a=1; b=2",
      HTTP_X_A: "1, caf\xc3\xa9",
    });
  });

  test("10,000 fields of one name are refused, not joined", async () => {
    const headers = Array.from({ length: 10_000 }, () => [bytes("x-a"), bytes("1")] as const);
    const { status } = await responseOf(() => [], { headers });
    expect(status).toBe(431);
  });

  test("has TLS and the scheme", async () => {
    expect(
      await environOf({
        scheme: "https",
        extensions: { tls: { tls_version: 0x0304, client_cert_name: "CN=ada" } },
      }),
    ).toMatchObject({
      "wsgi.url_scheme": "https",
      HTTPS: "on",
      SERVER_PORT: "443",
      SSL_PROTOCOL: "TLSv1.3",
      SSL_CLIENT_S_DN: "CN=ada",
      SSL_CLIENT_VERIFY: "SUCCESS",
    });
  });
});

describe("the request body", () => {
  test("is asked for only when the application reads", async () => {
    let asked = 0;
    const scope = httpScope({ method: "POST" });
    const sent: AsgiSendEvent[] = [];
    await toAsgi((_environ, startResponse) => {
      startResponse(OK, []);
      return [bytes("unread")];
    })(
      scope,
      async () => {
        asked++;
        return { type: "http.request", body: bytes("x"), more_body: true };
      },
      async (event) => void sent.push(event),
    );
    expect(asked).toBe(0);
    expect(summary(sent).body).toBe("unread");
  });

  test.each<
    [
      string,
      (input: {
        read(size?: number): Promise<Uint8Array>;
        readline(size?: number): Promise<Uint8Array>;
        readlines(hint?: number): Promise<Uint8Array[]>;
      }) => Promise<string>,
      string,
    ]
  >([
    ["read()", async (input) => text(await input.read()), "one\ntwo\nlast"],
    ["readline(n) at the beginning", async (input) => text(await input.readline(10)), "one\n"],
    [
      "readlines()",
      async (input) => (await input.readlines()).map(text).join("|"),
      "one\n|two\n|last",
    ],
    ["readlines(3)", async (input) => (await input.readlines(3)).map(text).join("|"), "one\n"],
  ])("%s", async (_what, read, wanted) => {
    const { body } = await responseOf(
      async (environ, startResponse) => {
        const found = await read(environ["wsgi.input"]);
        startResponse(OK, []);
        return [bytes(found)];
      },
      { method: "POST" },
      ["on", "e\ntw", "o\nlast"],
    );
    expect(body).toBe(wanted);
  });

  test("of no bytes has no lines", async () => {
    const { body } = await responseOf(
      async (environ, startResponse) => {
        const lines = await environ["wsgi.input"].readlines();
        let iterated = 0;
        for await (const _line of environ["wsgi.input"]) {
          iterated++;
        }
        startResponse(OK, []);
        return [bytes(`${lines.length} ${iterated}`)];
      },
      { method: "POST" },
      [""],
    );
    expect(body).toBe("0 0");
  });

  test("a client that leaves in the middle makes the read reject", async () => {
    let error: unknown;
    const { errors } = makeLog();
    const { done } = serverOf(
      toAsgi(
        async (environ, startResponse) => {
          await environ["wsgi.input"].read().catch((reason: unknown) => {
            error = reason;
          });
          startResponse(OK, []);
          return [];
        },
        { errors },
      ),
      httpScope({ method: "POST" }),
      [{ type: "http.request", body: bytes("part"), more_body: true }, { type: "http.disconnect" }],
    );
    await done;
    expect(error).toMatchObject({ code: "ERR_CLIENT_DISCONNECTED" });
  });
});

describe("the response", () => {
  test("starts with the first chunk, so that an error can still replace it", async () => {
    const { status, body, sent } = await responseOf((_environ, startResponse) => {
      startResponse(OK, [["Content-Length", "5"]]);
      return (async function* () {
        yield bytes("");
        startResponse("500 Oops", [["X-Error", "1"]], new Error("late"));
        yield bytes("failed");
      })();
    });
    expect([status, body]).toEqual([500, "failed"]);
    expect(sent.filter(({ type }) => type === "http.response.start")).toHaveLength(1);
  });

  test("a second start without an error is answered 500", async () => {
    const { status, lines } = await responseOf((_environ, startResponse) => {
      startResponse(OK, []);
      startResponse(OK, []);
      return [];
    });
    expect(status).toBe(500);
    expect(lines[0]).toMatch(/ERR_STARTED_TWICE/);
  });

  test("write() works, in order", async () => {
    const { body } = await responseOf(async (_environ, startResponse) => {
      const write = startResponse(OK, []);
      write(bytes("a"));
      await write(bytes("b"));
      return [bytes("c")];
    });
    expect(body).toBe("abc");
  });

  test("an empty write sends the head", async () => {
    const { sent, done } = serverOf(
      toAsgi(async (_environ, startResponse) => {
        const write = startResponse(OK, []);
        await write(new Uint8Array(0));
        await until(() => sent.length === 2);
        return [bytes("late")];
      }),
      httpScope(),
    );
    await done;
    expect(sent.map(({ type }) => type).slice(0, 2)).toEqual([
      "http.response.start",
      "http.response.body",
    ]);
    expect(summary(sent).body).toBe("late");
  });

  test("closes the body, once", async () => {
    let closed = 0;
    await responseOf((_environ, startResponse) => {
      startResponse(OK, []);
      return {
        *[Symbol.iterator]() {
          yield bytes("x");
        },
        close() {
          closed++;
        },
      };
    });
    expect(closed).toBe(1);
  });

  test("headers above ASCII are bytes, names in lower case", async () => {
    const { headers } = await responseOf((_environ, startResponse) => {
      startResponse(OK, [
        ["X-Caf", "caf\xe9"],
        ["Set-Cookie", "a"],
        ["Set-Cookie", "b"],
      ]);
      return textBody("");
    });
    expect(headers).toEqual([
      ["x-caf", "caf\xe9"],
      ["set-cookie", "a"],
      ["set-cookie", "b"],
      ["content-length", "0"],
    ]);
  });

  test("never has more bytes than its Content-Length", async () => {
    const { body } = await responseOf((_environ, startResponse) => {
      startResponse(OK, [["Content-Length", "3"]]);
      return (function* () {
        yield bytes("12");
        yield bytes("345");
      })();
    });
    expect(body).toBe("123");
  });

  test("a body that breaks makes the application raise, and not end cleanly", async () => {
    const { sent, raised, lines } = await responseOf((_environ, startResponse) => {
      startResponse(OK, []);
      return (function* () {
        yield bytes("part");
        throw new Error("no database");
      })();
    });
    expect(raised).toMatchObject({ message: "no database" });
    expect(sent.at(-1)).toMatchObject({ body: bytes("part"), more_body: true });
    expect(lines[0]).toMatch(/no database/);
  });

  test("is pulled at the pace of the server", async () => {
    let produced = 0;
    const { done, sent } = serverOf(
      toAsgi((_environ, startResponse) => {
        startResponse(OK, []);
        return (async function* () {
          for (; produced < 1000; produced++) {
            yield bytes("x");
          }
        })();
      }),
      httpScope(),
      undefined,
      async (event) => {
        if (event.type === "http.response.body" && sent.length > 3) {
          await new Promise(() => {});
        }
      },
    );
    done.catch(() => {});
    await until(() => sent.length === 4);
    expect(produced).toBeLessThan(7);
  });

  test("a client that leaves ends the body, its finally and its signal", async () => {
    const seen: string[] = [];
    const { push, done, sent } = serverOf(
      toAsgi((environ, startResponse) => {
        environ["dram.signal"]?.addEventListener("abort", () => seen.push("abort"));
        startResponse(OK, []);
        return (async function* () {
          try {
            for (;;) {
              yield bytes("x");
              await new Promise((resolve) => setTimeout(resolve, 5));
            }
          } finally {
            seen.push("finally");
          }
        })();
      }),
      httpScope(),
    );
    await until(() => sent.length > 3);
    push({ type: "http.disconnect" });
    await done;
    expect(seen).toEqual(["abort", "finally"]);
  });

  test("a send that rejects ends the body", async () => {
    const seen: string[] = [];
    const { done } = serverOf(
      toAsgi((_environ, startResponse) => {
        startResponse(OK, []);
        return (async function* () {
          try {
            for (;;) {
              yield bytes("x");
            }
          } finally {
            seen.push("finally");
          }
        })();
      }),
      httpScope(),
      undefined,
      async ({ type }) => {
        if (type === "http.response.body") {
          throw new Error("broken pipe");
        }
      },
    );
    await expect(done).rejects.toThrow("broken pipe");
    expect(seen).toEqual(["finally"]);
  });

  test("work for afterwards is done before the application ends", async () => {
    let done = false;
    await responseOf((environ, startResponse) => {
      environ["dram.wait_until"]?.(
        new Promise<void>((resolve) => {
          setTimeout(() => {
            done = true;
            resolve();
          }, 20);
        }),
      );
      startResponse(OK, []);
      return [];
    });
    expect(done).toBe(true);
  });

  test("early hints come behind the start, as ASGI has them", async () => {
    const { sent } = await responseOf(
      (environ, startResponse) => {
        environ["wsgi.early_hints"]?.([
          ["Link", "</a>"],
          ["X-Other", "1"],
        ]);
        startResponse(OK, []);
        return [bytes("x")];
      },
      { extensions: { "http.response.early_hint": {} } },
    );
    expect(sent.map(({ type }) => type)).toEqual([
      "http.response.start",
      "http.response.early_hint",
      "http.response.body",
    ]);
    expect(sent[1]).toEqual({ type: "http.response.early_hint", links: [bytes("</a>")] });
  });

  test("has no extension that the server has not", async () => {
    const environ = await environOf({ headers: [[bytes("te"), bytes("trailers")]] });
    expect(environ).not.toHaveProperty(["dram.trailers"]);
    expect(environ).not.toHaveProperty(["wsgi.early_hints"]);
    const { sent } = await responseOf((_environ, startResponse) => {
      startResponse("200 Froody", []);
      return [];
    });
    expect(sent[0]).not.toHaveProperty("reason");
  });
});

test("raises for a scope that it does not know", async () => {
  await expect(
    toAsgi(() => [])(
      { type: "quic" } as never,
      async () => ({ type: "http.disconnect" }),
      async () => {},
    ),
  ).rejects.toMatchObject({ code: "ERR_ASGI_SCOPE", message: expect.stringContaining('"quic"') });
});

test("refuses malformed options at once", () => {
  expect(() => toAsgi(() => [], { scriptName: "x" })).toThrow(/option scriptName/);
});

test("middleware of dram works in front", async () => {
  const { body } = await responseOf(
    mount(
      "/app",
      (environ, startResponse) => {
        startResponse(OK, []);
        return textBody(environ.PATH_INFO);
      },
      () => [],
    ),
    { path: "/app/x" },
  );
  expect(body).toBe("/x");
});
