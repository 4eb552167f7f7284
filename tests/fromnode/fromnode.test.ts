import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { type Application, type Environ, type ErrorStream, mount, type StartResponse } from "dram";
import { toFetch } from "dram/fetch";
import { environOf, fromNode, type RequestListener } from "dram/from/node";
import { toLambda } from "dram/lambda";
import { describe, expect, test } from "vitest";
import { environOf as madeEnviron } from "../core/helpers.ts";
import { context } from "../lambda/helpers.ts";
import { bodyOf, exchange, get, headOf, listening, wire } from "../node/helpers.ts";
import { until } from "../targets/target.ts";

/** What a listener of Express and its kin finds of a mount. */
type Mounted = IncomingMessage & { baseUrl?: string; originalUrl?: string };

const showUrls: RequestListener = (request: Mounted, response) => {
  const { url, baseUrl, originalUrl } = request;
  response.end(JSON.stringify([url, baseUrl ?? null, originalUrl ?? null]));
};

async function fetched(
  listener: RequestListener,
  path = "/",
  init: RequestInit & { duplex?: "half" } = {},
): Promise<{ response: Response; text: string; log: string[] }> {
  const log: string[] = [];
  const errors: ErrorStream = { write: (line) => log.push(line), writelines() {}, flush() {} };
  const handler = toFetch(fromNode(listener), { errors });
  const response = await handler(new Request(`http://localhost:8787${path}`, init));
  return { response, text: await response.text(), log };
}

describe("the target of a request", () => {
  test.each([
    ["/a%2Fb/?q=%zz", ["/a%2Fb/?q=%zz", null, null]],
    ["/", ["/", null, null]],
  ])("%s is whole at the root", async (path, wanted) => {
    expect(JSON.parse((await fetched(showUrls, path)).text)).toEqual(wanted);
  });

  test.each([
    ["/app/a%2Fb?q=1", ["/a%2Fb?q=1", "/app", "/app/a%2Fb?q=1"]],
    ["/app", ["/", "/app", "/app"]],
    ["/app?q=1", ["/?q=1", "/app", "/app?q=1"]],
  ])("%s is what follows the mount, and the rest beside it", async (path, wanted) => {
    const { port } = await listening(mount("/app", fromNode(showUrls)));
    expect(JSON.parse(bodyOf(await exchange(port, get(path))))).toEqual(wanted);
  });

  test("follows a middleware that changes it", async () => {
    const application: Application = (environ, startResponse) => {
      environ.PATH_INFO = "/other path";
      environ.QUERY_STRING = "x=2";
      return fromNode(showUrls)(environ, startResponse);
    };
    const { port } = await listening(application);
    const body = bodyOf(await exchange(port, get("/one?x=1")));
    expect(JSON.parse(body)).toEqual(["/other%20path?x=2", null, null]);
  });

  test("has its raw bytes escaped, as a URL has them", async () => {
    const environ = madeEnviron({ line: { target: "/caf\u00e9?q=\u00e9" } });
    let url: string | undefined;
    const application = fromNode((request, response) => {
      url = request.url;
      response.end();
    });
    await application(environ, () => async () => {});
    expect(url).toBe("/caf%E9?q=%E9");
  });

  test("of OPTIONS * is an asterisk", async () => {
    const { port } = await listening(fromNode(showUrls));
    const request = "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    expect(JSON.parse(bodyOf(await exchange(port, request)))).toEqual(["*", null, null]);
  });
});

describe("the host of a request", () => {
  test("is the server's where there is no Host, as HTTP/1.1 has it in every request", async () => {
    const listener: RequestListener = (request, response) => response.end(request.headers.host);
    expect((await fetched(listener)).text).toBe("localhost:8787");
  });

  test("is there once", async () => {
    const { port } = await listening(
      fromNode(({ rawHeaders }, response) => response.end(rawHeaders.join(" "))),
    );
    const body = bodyOf(await exchange(port, get("/")));
    expect(body).toBe("host localhost connection close");
  });

  test("is none in HTTP/1.0", async () => {
    const { port } = await listening(
      fromNode((request, response) => response.end(String(request.headers.host))),
    );
    expect(bodyOf(await exchange(port, "GET / HTTP/1.0\r\n\r\n"))).toBe("undefined");
  });
});

describe("environOf", () => {
  test("gives the environ of a request, and what its platform has put there", async () => {
    const listener: RequestListener = (request, response) => {
      const environ = environOf(request);
      response.end(`${environ.SERVER_SOFTWARE.split(" ")[1]} ${environ["fetch.request"]}`);
    };
    expect((await fetched(listener)).text).toBe("(fetch) [object Request]");
  });

  test("refuses a request of another origin", () => {
    const stranger = { headers: {} } as IncomingMessage;
    expect(() => environOf(stranger)).toThrow("environOf: the request does not come from fromNode");
  });
});

describe("the version of a request", () => {
  test("HTTP/1.0 is told, and answered without chunks", async () => {
    const { port } = await listening(
      fromNode((request, response) => {
        response.write(request.httpVersion);
        setImmediate(() => response.end(" and more"));
      }),
    );
    const answer = await exchange(port, "GET / HTTP/1.0\r\n\r\n");
    expect(bodyOf(answer)).toBe("1.0 and more");
    expect(headOf(answer)).toEqual(["HTTP/1.1 200 OK", "Connection: close"]);
  });

  test("HTTP/2 is HTTP/1.1 to a listener, which writes that", async () => {
    const environ = madeEnviron({ line: { protocol: "HTTP/2" } });
    let version = "";
    const application = fromNode((request, response) => {
      version = request.httpVersion;
      response.end();
    });
    await application(environ, () => async () => {});
    expect(version).toBe("1.1");
  });
});

describe("a listener that fails", () => {
  const failing: Readonly<Record<string, RequestListener>> = {
    throws() {
      throw new Error("lost");
    },
    async rejects() {
      throw new Error("lost");
    },
    async "rejects later"() {
      await new Promise((resolve) => setTimeout(resolve, 5));
      throw new Error("lost");
    },
    "rejects behind a head that has not left"(_request, response) {
      response.writeHead(200);
      return Promise.reject(new Error("lost"));
    },
  };

  test.each(Object.entries(failing))(
    "that %s is answered 500 and logged",
    async (_how, listener) => {
      const { response, text, log } = await fetched(listener);
      expect([response.status, text]).toEqual([500, "Internal Server Error\n"]);
      expect(log).toHaveLength(1);
      expect(log[0]).toMatch(/^dram: GET \/: Error: lost/);
    },
  );

  test("sees its connection closed", async () => {
    let closed = false;
    await fetched((_request, response) => {
      response.on("close", () => {
        closed = !response.writableFinished;
      });
      throw new Error("lost");
    });
    await until(() => closed);
  });

  test.each([
    [
      "throws",
      (): never => {
        throw new Error("lost");
      },
    ],
    ["rejects", () => Promise.reject(new Error("lost"))],
  ])("behind a response that is complete is logged: it %s", async (_how, end) => {
    const { response, text, log } = await fetched((_request, made) => {
      made.end("done");
      return end();
    });
    await until(() => log.length > 0);
    expect([response.status, text, log.length]).toEqual([200, "done", 1]);
    expect(log[0]).toMatch(/^dram: fromNode: Error: lost/);
  });

  test("behind its first chunk breaks the body", async () => {
    const server = await listening(
      fromNode(async (_request, response) => {
        await new Promise<void>((resolve) => response.write("abc", () => resolve()));
        throw new Error("lost");
      }),
    );
    const answer = await exchange(server.port, get("/"));
    expect(bodyOf(answer)).toBe("3\r\nabc\r\n");
    expect(server.log).toHaveLength(1);
    expect(server.log[0]).toMatch(/Error: lost/);
  });

  test("and has destroyed its response unanswered is answered 500, where Node hangs up", async () => {
    const { response, log } = await fetched((_request, response) => response.destroy());
    expect(response.status).toBe(500);
    expect(log).toEqual([
      "dram: GET /: ERR_CLOSED: the listener closed its connection before its response was complete\n",
    ]);
  });

  test.each([
    ["ends its socket unanswered", (_request, { socket }) => socket?.end(), "ERR_CLOSED"],
    [
      "writes what is no HTTP",
      (_request, { socket }) => socket?.write("hello\r\n\r\n"),
      "ERR_HEADERS",
    ],
    [
      "has a status that no gateway sends",
      (_request, made) => made.writeHead(600).end(),
      "ERR_STATUS",
    ],
    ["switches protocols", (_request, made) => made.writeHead(101).end(), "ERR_STATUS"],
  ] satisfies [string, RequestListener, string][])(
    "and %s is answered 500",
    async (_how, listener, code) => {
      const { response, log } = await fetched(listener);
      expect(response.status).toBe(500);
      expect(log.join("")).toContain(code);
    },
  );

  test("by a head that no gateway takes has its response closed", async () => {
    let closed = false;
    await fetched((_request, response) => {
      response.on("close", () => {
        closed = !response.writableFinished;
      });
      setImmediate(() => response.writeHead(600).write("x"));
    });
    await until(() => closed);
  });

  test("by ending short of its Content-Length breaks the body", async () => {
    const server = await listening(
      fromNode((_request, response) => {
        response.writeHead(200, { "Content-Length": 5 });
        response.write("abc");
        setImmediate(() => response.end());
      }),
    );
    expect(bodyOf(await exchange(server.port, get("/")))).toBe("abc");
    expect(server.log[0]).toMatch(/ERR_CONTENT_LENGTH: the body ended 2 bytes short/);
  });
});

describe("a client that leaves", () => {
  test("before the answer aborts the request and closes the response, in one line of the log", async () => {
    const events: string[] = [];
    const server = await listening(
      fromNode((request, response) => {
        for (const event of ["aborted", "error", "close"]) {
          request.on(event, (error?: NodeJS.ErrnoException) =>
            events.push(`request ${event}${error?.code ?? ""}`),
          );
        }
        response.on("close", () => events.push(`response close ${response.writableFinished}`));
        events.push("called");
      }),
    );
    const client = await wire(server.port);
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nabc");
    await until(() => events.includes("called"));
    client.socket.destroy();
    await until(() => events.length === 5);
    expect(events).toEqual([
      "called",
      "request aborted",
      "response close false",
      "request errorECONNRESET",
      "request close",
    ]);
    expect(server.log).toHaveLength(1);
    expect(server.log[0]).toMatch(/ERR_CLIENT_DISCONNECTED/);
  });

  test("in the middle of its body aborts a request that is read", async () => {
    let error: NodeJS.ErrnoException | undefined;
    const server = await listening(
      fromNode((request) => {
        request.on("error", (found) => {
          error = found;
        });
        request.resume();
      }),
    );
    const client = await wire(server.port);
    client.send(
      "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    );
    client.socket.end();
    await until(() => error !== undefined);
    expect([error?.code, error?.message]).toEqual(["ECONNRESET", "aborted"]);
  });

  test("makes no error of a request that nobody listens to", async () => {
    let closed = false;
    const server = await listening(
      fromNode((_request, response) => {
        response.on("close", () => {
          closed = true;
        });
        response.write("first");
      }),
    );
    const client = await wire(server.port);
    client.send(get("/"));
    await client.receive("first");
    client.socket.destroy();
    await until(() => closed);
    expect(server.log).toEqual([]);
  });
});

describe("what a listener writes to its socket itself", () => {
  const MESSAGE =
    "HTTP/1.1 201 Made By Hand\r\nTransfer-Encoding: chunked\r\nX-A:1\r\n\r\n5\r\nhello\r\n2\r\n, \r\n5\r\nworld\r\n0\r\nX-T: 1\r\n\r\n";

  test.each([
    ["in one piece", [MESSAGE]],
    ["in two", [MESSAGE.slice(0, 60), MESSAGE.slice(60)]],
    ["byte by byte", [...MESSAGE]],
    ["byte by byte, as bytes", [...MESSAGE].map((character) => Buffer.from(character))],
  ])("is taken apart %s", async (_how, pieces) => {
    const { response, text } = await fetched(async (_request, { socket }) => {
      for (const piece of pieces) {
        await new Promise<void>((resolve) => socket?.write(piece, () => resolve()));
      }
    });
    expect([response.status, response.headers.get("x-a"), text]).toEqual([
      201,
      "1",
      "hello, world",
    ]);
  });

  test("ends with the socket, where it says nothing of its end", async () => {
    const { response, text } = await fetched((_request, { socket }) => {
      socket?.write("HTTP/1.1 200 OK\r\n\r\nto the ");
      setImmediate(() => socket?.end("end"));
    });
    expect([response.status, text]).toEqual([200, "to the end"]);
  });
});

describe("what belongs to the connection", () => {
  test("informational responses but for early hints stay within", async () => {
    const hints: unknown[] = [];
    const environ = madeEnviron();
    environ["wsgi.early_hints"] = (headers) => hints.push(headers);
    const application = fromNode((_request, response) => {
      response.writeContinue();
      response.writeEarlyHints({ link: "</a.css>; rel=preload" });
      response.writeProcessing();
      response.end();
    });
    await application(environ, () => async () => {});
    expect(hints).toEqual([[["Link", "</a.css>; rel=preload"]]]);
  });

  test("a header of bytes above U+007F leaves as it is together with a text", async () => {
    const { port } = await listening(
      fromNode((_request, response) => {
        response.setHeader("X-A", "caf\u00e9");
        response.end("caf\u00e9");
      }),
    );
    const answer = await exchange(port, get("/"));
    expect(headOf(answer)).toContain("X-A: caf\u00e9");
    expect(bodyOf(answer)).toBe("caf\u00c3\u00a9");
  });

  test("a request that is not read to its end hears of a timeout first", async () => {
    const body = Readable.from([Buffer.from("x")]);
    const listener: RequestListener = (request, response) => {
      request.setTimeout(20, () => response.end("request"));
      response.on("timeout", () => response.end("response"));
    };
    const { text } = await fetched(listener, "/", {
      ...{ method: "POST", body: ReadableStream.from(body), duplex: "half" },
    });
    expect(text).toBe("request");
  });

  test("a close comes behind the call that destroys", async () => {
    const events: string[] = [];
    await fetched((_request, response) => {
      response.destroy();
      events.push("destroyed");
      response.on("close", () => events.push("close"));
    });
    await until(() => events.length > 1);
    expect(events).toEqual(["destroyed", "close"]);
  });

  test("does not come out of the listener", async () => {
    const { response } = await fetched((_request, made) => {
      made.setHeader("Connection", "close");
      made.setHeader("Trailer", "X-T");
      made.setHeader("Status", "200 OK");
      made.setHeader("X-Kept", "1");
      made.end("x");
    });
    expect([...response.headers.keys()]).toEqual(["date", "x-kept"]);
  });

  test("100 Continue leaves when the listener reads, not before", async () => {
    let read = (): void => {};
    const { port } = await listening(
      fromNode((request, response) => {
        response.writeContinue();
        response.writeProcessing();
        read = () => request.pipe(response);
      }),
    );
    const client = await wire(port);
    client.send(
      "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
    );
    await until(() => read.name !== "" && read.toString().includes("pipe"));
    expect(client.received).toBe("");
    read();
    expect(await client.receive("\r\n\r\n")).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hello");
    expect(bodyOf((await client.end()).slice(25))).toContain("hello");
  });

  test("trailers and hints are nothing to a gateway that has none", async () => {
    const { response, text, log } = await fetched((_request, made) => {
      made.writeEarlyHints({ link: "</a.css>; rel=preload" });
      made.write("abc");
      made.addTrailers({ "X-T": "1" });
      made.end();
    });
    expect([response.status, text, log]).toEqual([200, "abc", []]);
  });

  test("a trailer that none may be is logged, and the response goes on", async () => {
    const server = await listening(
      fromNode((_request, response) => {
        response.write("abc");
        response.addTrailers({ "Set-Cookie": "a=1" });
        response.end();
      }),
    );
    const answer = await exchange(server.port, get("/", "TE: trailers"));
    expect(bodyOf(answer)).toBe("3\r\nabc\r\n0\r\n\r\n");
    expect(server.log).toHaveLength(1);
    expect(server.log[0]).toMatch(/^dram: fromNode: ERR_HEADER_NAME: dram\.trailers: "Set-Cookie"/);
  });

  test("a timeout that nobody hears breaks the response", async () => {
    const server = await listening(
      fromNode((_request, response) => {
        response.write("abc");
        response.socket?.setTimeout(20);
      }),
    );
    expect(bodyOf(await exchange(server.port, get("/")))).toBe("3\r\nabc\r\n");
  });

  test("a timeout is put off by what is written", async () => {
    let timeouts = 0;
    const { port } = await listening(
      fromNode((_request, response) => {
        response.setTimeout(400, () => timeouts++);
        const timer = setInterval(() => response.write("x"), 20);
        setTimeout(() => {
          clearInterval(timer);
          response.end();
        }, 600);
      }),
    );
    await exchange(port, get("/"));
    expect(timeouts).toBe(0);
  });

  test("an encrypted socket is one, and tells whether a certificate was verified", async () => {
    const seen: unknown[] = [];
    const application = fromNode(({ socket }, response) => {
      const { encrypted, authorized } = socket as typeof socket & Record<string, unknown>;
      seen.push(encrypted, authorized);
      response.end();
    });
    const environ = madeEnviron({ line: { scheme: "https" } });
    await application({ ...environ }, () => async () => {});
    await application({ ...environ, SSL_CLIENT_VERIFY: "SUCCESS" }, () => async () => {});
    expect(seen).toEqual([true, false, true, true]);
  });
});

describe("the head leaves", () => {
  test("alone at flushHeaders, before there is a body", async () => {
    let end = (): void => {};
    const { port } = await listening(
      fromNode((_request, response) => {
        response.setHeader("X-A", "1");
        response.flushHeaders();
        end = () => response.end("later");
      }),
    );
    const client = await wire(port);
    client.send(get("/"));
    expect(await client.receive("\r\n\r\n")).toContain("X-A: 1");
    expect(client.received).not.toContain("later");
    end();
    expect(await client.end()).toContain("later");
  });

  test("at once for HEAD, whatever length it tells", () => {
    const environ = madeEnviron({ line: { method: "HEAD" } });
    const application = fromNode((_request, response) => {
      response.setHeader("Content-Length", 5);
      response.write("hello");
      response.end();
    });
    expect(application(environ, () => async () => {})).toEqual([]);
  });

  test("with its body, and at once, where the listener has ended its response", () => {
    const environ = madeEnviron();
    const started: unknown[] = [];
    const startResponse: StartResponse = (status, headers) => {
      started.push(
        status,
        headers.filter(([name]) => name !== "Date"),
      );
      return async () => {};
    };
    const body = fromNode((_request, response) => response.end("hello"))(environ, startResponse);
    expect(body).toEqual([Buffer.from("hello")]);
    expect(started).toEqual(["200 OK", [["Content-Length", "5"]]]);
  });
});

test("a response that was written in pieces and ended at once is there at once", () => {
  const body = fromNode((_request, response) => {
    response.write("hel");
    response.end("lo");
  })(madeEnviron(), () => async () => {});
  expect(Buffer.concat([...(body as Iterable<Uint8Array>)]).toString()).toBe("hello");
});

describe("back-pressure", () => {
  test("a listener writes no more than its buffer while the gateway takes nothing", async () => {
    const chunk = Buffer.alloc(16_384);
    let written = 0;
    const application = fromNode((_request, response) => {
      const write = (): void => {
        while (response.write(chunk)) {
          written++;
        }
        written++;
      };
      response.on("drain", write);
      write();
    });
    const body = await application(madeEnviron(), () => async () => {});
    await new Promise(setImmediate);
    const before = written;
    expect(before * chunk.length).toBeLessThanOrEqual(131_072);
    const iterator = (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    for (let taken = 0; taken < 40; taken++) {
      await iterator.next();
    }
    await until(() => written > before);
    await (body as { close(): Promise<void> }).close();
  });

  test("a write that is held back when its connection is destroyed learns of it", async () => {
    const codes: unknown[] = [];
    const application = fromNode((_request, response) => {
      response.write("taken by nobody");
      setImmediate(() => {
        response.write("held back", (error) => codes.push((error as NodeJS.ErrnoException)?.code));
        response.destroy();
      });
    });
    await application(madeEnviron(), () => async () => {});
    await until(() => codes.length > 0);
    expect(codes).toEqual(["ERR_STREAM_DESTROYED"]);
  });

  test("a socket that has ended calls back at once when it is ended again", async () => {
    let calls = 0;
    const application = fromNode((_request, response) => {
      const { socket } = response;
      response.end("x", () => socket?.end(() => socket.end(() => calls++)));
    });
    await application(madeEnviron(), () => async () => {});
    await until(() => calls > 0);
    expect(calls).toBe(1);
  });

  test("a chunk may be used again as soon as it was taken", async () => {
    const chunk = Buffer.from("one");
    const application = fromNode((_request, response) => {
      response.write(chunk, () => {
        chunk.write("two");
        response.end();
      });
    });
    const body = await application(madeEnviron(), () => async () => {});
    const chunks: Uint8Array[] = [];
    for await (const part of body) {
      chunks.push(part);
    }
    expect(Buffer.concat(chunks).toString()).toBe("one");
  });

  test("a request is read only as the listener reads", async () => {
    let reads = 0;
    const environ: Environ = madeEnviron({
      line: { method: "POST" },
      body: {
        async read() {
          reads++;
          return new Uint8Array(65_536);
        },
        cancel() {},
      },
    });
    let request: IncomingMessage | undefined;
    let response: ServerResponse | undefined;
    const body = fromNode((...messages) => {
      [request, response] = messages;
    })(environ, () => async () => {});
    await new Promise(setImmediate);
    expect(reads).toBe(0);
    request?.once("data", () => request?.pause());
    await once(request as IncomingMessage, "pause");
    await new Promise(setImmediate);
    expect(reads).toBeLessThan(5);
    response?.end();
    await body;
  });
});

describe("on Lambda", () => {
  const event = {
    ...{ version: "2.0", routeKey: "$default", rawPath: "/stage/p", rawQueryString: "a=1" },
    headers: { host: "api.example", "content-type": "text/plain" },
    cookies: ["a=1", "b=2"],
    requestContext: {
      ...{ accountId: "1", apiId: "a", domainName: "api.example", domainPrefix: "api" },
      ...{ requestId: "r", routeKey: "$default", stage: "$default" },
      http: { method: "POST", path: "/stage/p", protocol: "HTTP/1.1", sourceIp: "192.0.2.7" },
    },
    body: "aGVsbG8=",
    isBase64Encoded: true,
  };

  test("a listener reads an event and writes a result", async () => {
    const handler = toLambda(
      fromNode(async (request, response) => {
        let body = "";
        for await (const chunk of request) {
          body += chunk;
        }
        response.setHeader("Set-Cookie", ["c=3", "d=4"]);
        response.setHeader("Content-Type", "text/plain");
        const { url, headers, socket } = request;
        response.end([url, headers.cookie, socket.remoteAddress, body].join(" "));
      }),
    );
    expect(await handler(event, context())).toMatchObject({
      statusCode: 200,
      cookies: ["c=3", "d=4"],
      body: "/stage/p?a=1 a=1; b=2 192.0.2.7 hello",
    });
  });
});
