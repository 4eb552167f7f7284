import { type Application, type Body, closing, type HeaderList, text } from "dram";
import { describe, expect, test } from "vitest";
import { until } from "../targets/target.ts";
import { bodyOf, bytes, exchange, gate, get, headOf, listening, wire } from "./helpers.ts";

function answering(body: () => Body, status = "200 OK", headers: HeaderList = []): Application {
  return (_environ, startResponse) => {
    startResponse(status, headers);
    return body();
  };
}

async function answer(application: Application, request = get("/")): Promise<string> {
  const { port } = await listening(application);
  return exchange(port, request);
}

async function* stream(...chunks: string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    yield bytes(chunk);
  }
}

/** One way each in which a body may leave. */
const BODIES: [name: string, body: () => Body, content: string][] = [
  ["no chunk", () => [], ""],
  ["ASCII text", () => text("hello"), "hello"],
  [
    "other text",
    () => text("gr\u00f6\u00dfe \u20ac"),
    "gr\u00c3\u00b6\u00c3\u009fe \u00e2\u0082\u00ac",
  ],
  ["large text", () => text("x".repeat(100_000)), "x".repeat(100_000)],
  ["one chunk", () => [bytes("hello")], "hello"],
  ["every byte", () => [Uint8Array.from({ length: 256 }, (_, index) => index)], everyByte()],
  ["two chunks", () => [bytes("he"), bytes("llo")], "hello"],
  ["a large chunk", () => [new Uint8Array(100_000).fill(0x78)], "x".repeat(100_000)],
  [
    "large chunks",
    () => [new Uint8Array(50_000).fill(0x78), new Uint8Array(50_000).fill(0x79)],
    `${"x".repeat(50_000)}${"y".repeat(50_000)}`,
  ],
];

function everyByte(): string {
  return String.fromCharCode(...Array.from({ length: 256 }, (_, index) => index));
}

describe("head", () => {
  test.each(BODIES)("T10 R06 R07 header bytes leave as they are with %s", async (_name, body) => {
    const headers: HeaderList = [
      ["X-Latin", "caf\u00e9"],
      ["X-Utf8", "caf\u00c3\u00a9"],
    ];
    expect(headOf(await answer(answering(body, "200 Gr\u00fcn", headers))).slice(0, 3)).toEqual([
      "HTTP/1.1 200 Gr\u00fcn",
      "X-Latin: caf\u00e9",
      "X-Utf8: caf\u00c3\u00a9",
    ]);
  });

  test.each([
    ["HEAD", "HEAD / HTTP/1.1"],
    ["a stream", "GET / HTTP/1.1"],
  ])("T10 header bytes leave as they are with %s", async (_name, line) => {
    const application = answering(() => stream("\u20ac"), "200 OK", [["X-Latin", "caf\u00e9"]]);
    const response = await answer(application, `${line}\r\nHost: a\r\nConnection: close\r\n\r\n`);
    expect(headOf(response)[1]).toBe("X-Latin: caf\u00e9");
  });

  test.each([
    ["204 No Content", "GET", ["HTTP/1.1 204 No Content", "ETag: x"]],
    ["205 Reset Content", "GET", ["HTTP/1.1 205 Reset Content", "ETag: x"]],
    ["304 Not Modified", "GET", ["HTTP/1.1 304 Not Modified", "ETag: x"]],
    ["200 OK", "HEAD", ["HTTP/1.1 200 OK", "ETag: x", "Content-Length: 7"]],
    ["204 No Content", "HEAD", ["HTTP/1.1 204 No Content", "ETag: x"]],
    ["304 Not Modified", "HEAD", ["HTTP/1.1 304 Not Modified", "ETag: x"]],
  ])("R13-R18 %s to %s has no body and no coding", async (status, method, expected) => {
    const application = answering(() => [bytes("dropped")], status, [["ETag", "x"]]);
    const response = await answer(
      application,
      `${method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    );
    const head = headOf(response).filter((line) => line !== "Connection: close");
    // 205 is framed by Node: with no length there must be a coding, or the connection's end.
    expect(head.filter((line) => !/^Transfer-Encoding/.test(line))).toEqual(expected);
    if (!status.startsWith("205")) {
      expect(head.filter((line) => /^Transfer-Encoding/.test(line))).toEqual([]);
      expect(bodyOf(response)).toBe("");
    }
  });

  test("R17 HEAD keeps the length that the application gave", async () => {
    const application = answering(() => [], "200 OK", [["Content-Length", "12345"]]);
    const response = await answer(
      application,
      "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    );
    expect(headOf(response)).toContain("Content-Length: 12345");
  });

  test("R04 R05 repeated headers stay apart, in order, names as given", async () => {
    const headers: HeaderList = [
      ["set-cookie", "a=1"],
      ["X-MiXed", "1"],
      ["Set-Cookie", "b=2"],
      ["X-Empty", ""],
    ];
    const response = await answer(answering(() => [], "200 OK", headers));
    expect(headOf(response).slice(1, 5)).toEqual([
      "set-cookie: a=1",
      "X-MiXed: 1",
      "Set-Cookie: b=2",
      "X-Empty: ",
    ]);
  });

  test.each(BODIES)("no Content-Type is invented for %s", async (_name, body) => {
    expect(await answer(answering(body))).not.toMatch(/^content-type/im);
  });

  test("an empty reason stays empty", async () => {
    expect((await answer(answering(() => [], "299 "))).split("\r\n")[0]).toBe("HTTP/1.1 299 ");
  });
});

describe("a complete body", () => {
  test.each(BODIES)("%s arrives byte for byte with its length", async (_name, body, content) => {
    const response = await answer(answering(body));
    expect(headOf(response)).toContain(`Content-Length: ${content.length}`);
    expect(bodyOf(response) === content).toBe(true);
  });

  test("head and small body leave in one piece", async () => {
    const { port } = await listening(answering(() => [bytes("hello")]));
    const client = await wire(port);
    const pieces: string[] = [];
    client.socket.on("data", (piece) => pieces.push(String(piece)));
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.receive("hello");
    expect(pieces).toHaveLength(1);
  });

  test("a large chunk is not copied into a string", async () => {
    const chunk = new Uint8Array(1_000_000);
    const response = await answer(answering(() => [chunk]));
    expect(bodyOf(response)).toHaveLength(1_000_000);
  });

  test("S44 no surplus is sent", async () => {
    const application = answering(() => [bytes("12345")], "200 OK", [["Content-Length", "3"]]);
    const { port } = await listening(application);
    const client = await wire(port);
    client.send(`GET / HTTP/1.1\r\nHost: a\r\n\r\n${get("/")}`);
    const response = await client.end();
    expect(response.split("HTTP/1.1 200 OK")).toHaveLength(3);
    expect(response).not.toContain("1234");
  });
});

describe("a streamed body", () => {
  test("is chunked without a length, and a chunk is never empty", async () => {
    const response = await answer(answering(() => stream("a", "", "bc")));
    expect(headOf(response)).toContain("Transfer-Encoding: chunked");
    expect(bodyOf(response)).toBe("1\r\na\r\n2\r\nbc\r\n0\r\n\r\n");
  });

  test("has the length that the application gave", async () => {
    const application = answering(() => stream("a", "bc"), "200 OK", [["Content-Length", "3"]]);
    const response = await answer(application);
    expect(headOf(response)).not.toContain("Transfer-Encoding: chunked");
    expect(bodyOf(response)).toBe("abc");
  });

  test("to HTTP/1.0 ends with the connection", async () => {
    const response = await answer(
      answering(() => stream("a", "bc")),
      "GET / HTTP/1.0\r\n\r\n",
    );
    expect(headOf(response)).toContain("Connection: close");
    expect(bodyOf(response)).toBe("abc");
  });

  test("B22 an empty write() sends the head before there is a chunk", async () => {
    const { opened, open } = gate();
    const { port } = await listening(async (_environ, startResponse) => {
      const write = startResponse("200 OK", [["X-Latin", "caf\u00e9"]]);
      await write(bytes(""));
      await opened;
      return [bytes("late")];
    });
    const client = await wire(port);
    client.send(get("/"));
    expect(await client.receive("\r\n\r\n")).toContain("X-Latin: caf\u00e9\r\n");
    expect(client.received).not.toContain("late");
    open();
    await client.receive("late");
  });

  test("B05 a chunk leaves before the next one is made", async () => {
    const { opened, open } = gate();
    const { port } = await listening(
      answering(async function* () {
        yield bytes("first");
        await opened;
        yield bytes("second");
      }),
    );
    const client = await wire(port);
    client.send(get("/"));
    await client.receive("first");
    expect(client.received).not.toContain("second");
    open();
    await client.receive("second");
  });

  test("B19 F08 one that breaks ends without its last chunk", async () => {
    const { port, log } = await listening(
      answering(async function* () {
        yield bytes("part");
        throw new Error("broken");
      }),
    );
    const response = await exchange(port, get("/"));
    expect(bodyOf(response)).toBe("4\r\npart\r\n");
    await until(() => log.length === 1);
    expect(log[0]).toContain("dram: GET /: Error: broken");
  });

  test("S45 B27 one that falls short breaks its connection", async () => {
    const application = answering(() => stream("short"), "200 OK", [["Content-Length", "10"]]);
    const { port } = await listening(application);
    const client = await wire(port);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(bodyOf(await client.end())).toBe("short");
  });

  test("one that breaks resets the connection of HTTP/1.0, where the end would be the whole", async () => {
    const { port } = await listening(
      answering(async function* () {
        yield bytes("part");
        throw new Error("broken");
      }),
    );
    const client = await wire(port);
    const codes: unknown[] = [];
    client.socket.on("error", (error) => codes.push("code" in error && error.code));
    client.send("GET / HTTP/1.0\r\n\r\n");
    await until(() => client.socket.destroyed);
    expect(codes).toEqual(["ECONNRESET"]);
  });

  test("G7 F05 no more than 8 MiB are made ahead of a client that does not read", async () => {
    let made = 0;
    const { port } = await listening(
      answering(async function* () {
        for (;;) {
          made += 65_536;
          yield new Uint8Array(65_536);
        }
      }),
    );
    const client = await wire(port);
    client.socket.pause();
    client.send(get("/"));
    // Until nothing more is made from one look to the next.
    let before = -1;
    await until(async () => {
      const settled = made > 0 && made === before;
      before = made;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return settled;
    });
    expect(made).toBeLessThan(8 * 1024 * 1024);
    client.socket.resume();
    await until(() => made > 16 * 1024 * 1024);
  });
});

describe("a client that leaves", () => {
  test.each([
    ["in mid-download", () => stream(..."abc")],
    ["before anything has come", () => stream()],
  ])("B31 F04 T15 %s aborts the signal and closes the body once", async (_when, first) => {
    const seen: string[] = [];
    let reason: unknown;
    const { port, log } = await listening((environ, startResponse) => {
      const signal = environ["dram.signal"];
      startResponse("200 OK", []);
      const aborted = new Promise<void>((resolve) => {
        signal?.addEventListener("abort", () => {
          seen.push("aborted");
          reason = signal.reason;
          resolve();
        });
      });
      seen.push("started");
      const body = (async function* () {
        yield* first();
        await aborted;
      })();
      return closing(body, () => {
        seen.push("closed");
      });
    });
    const client = await wire(port);
    client.send(get("/"));
    await until(() => seen.includes("started"));
    client.socket.destroy();
    await until(() => seen.includes("closed"), 1000);
    expect(seen.toSorted()).toEqual(["aborted", "closed", "started"]);
    expect(reason).toMatchObject({ name: "DramError", code: "ERR_CLIENT_DISCONNECTED" });
    expect(log).toEqual([]);
  });

  test("while the application works, aborts the signal", async () => {
    const seen: string[] = [];
    const { port } = await listening(async (environ, startResponse) => {
      const aborted = new Promise((resolve) => {
        environ["dram.signal"]?.addEventListener("abort", resolve);
      });
      seen.push("started");
      await aborted;
      seen.push("aborted");
      startResponse("200 OK", []);
      return [bytes("nobody")];
    });
    const client = await wire(port);
    client.send(get("/"));
    await until(() => seen.includes("started"));
    client.socket.destroy();
    await until(() => seen.includes("aborted"), 1000);
  });

  test("while its request waits behind another one, is not waited for", async () => {
    const { opened, open } = gate();
    const seen: string[] = [];
    const { port } = await listening(async (environ, startResponse) => {
      const path = environ.PATH_INFO;
      environ["dram.signal"]?.addEventListener("abort", () => seen.push(`${path} aborted`));
      if (path === "/first") {
        await opened;
      }
      startResponse("200 OK", []);
      const body = (async function* () {
        for (let count = 0; count < 1000; count++) {
          yield new Uint8Array(65_536);
        }
      })();
      seen.push(`${path} started`);
      return closing(body, () => {
        seen.push(`${path} closed`);
      });
    });
    const client = await wire(port);
    client.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\nHost: a\r\n\r\n");
    await until(() => seen.includes("/second started"));
    client.socket.destroy();
    await until(() => seen.includes("/second closed"), 1000);
    open();
    await until(() => seen.includes("/first closed"), 1000);
    expect(seen).toContain("/second aborted");
    expect(seen).toContain("/first aborted");
  });

  test("before it has taken all of a complete body, aborts the signal", async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const { port } = await listening((environ, startResponse) => {
      signals.push(environ["dram.signal"]);
      startResponse("200 OK", []);
      return [new Uint8Array(64 * 1024 * 1024)];
    });
    const client = await wire(port);
    client.send(get("/"));
    await client.receive("200 OK");
    client.socket.destroy();
    await until(() => signals[0]?.aborted === true, 1000);
  });

  test("after a whole response, aborts nothing", async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const { port } = await listening((environ, startResponse) => {
      signals.push(environ["dram.signal"]);
      startResponse("200 OK", []);
      return environ.PATH_INFO === "/stream" ? stream("a", "b") : text("whole");
    });
    const client = await wire(port);
    client.send(`GET /text HTTP/1.1\r\nHost: a\r\n\r\n${get("/stream")}`);
    await client.end();
    client.socket.destroy();
    // The server has seen the end of that connection when it answers the next one.
    await exchange(port, get("/text"));
    expect(signals.map((signal) => signal?.aborted)).toEqual([false, false, false]);
  });
});

test("T19 F27 pipelined requests are answered in order, each with its own", async () => {
  const { port } = await listening(async (environ, startResponse) => {
    const number = Number(environ.PATH_INFO.slice(1));
    await new Promise((resolve) => setTimeout(resolve, (7 - number) * 3));
    startResponse("200 OK", [["X-Number", String(number)]]);
    return [bytes(`<${number}>`)];
  });
  const client = await wire(port);
  client.send(
    Array.from({ length: 6 }, (_, index) => `GET /${index} HTTP/1.1\r\nHost: a\r\n\r\n`).join(""),
  );
  const received = await client.receive("<5>");
  expect(received.match(/<\d>/g)).toEqual(["<0>", "<1>", "<2>", "<3>", "<4>", "<5>"]);
  expect(received.match(/X-Number: \d/g)).toEqual([0, 1, 2, 3, 4, 5].map((n) => `X-Number: ${n}`));
});

test("F08 a pipelined response that breaks lets those before it end", async () => {
  const { opened, open } = gate();
  const { port, log } = await listening(async (environ, startResponse) => {
    startResponse("200 OK", []);
    if (environ.PATH_INFO === "/first") {
      await opened;
      return text("first");
    }
    return (async function* () {
      yield bytes("part");
      throw new Error("on purpose");
    })();
  });
  const client = await wire(port);
  client.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\nHost: a\r\n\r\n");
  await until(() => log.length > 0);
  open();
  const [first, second] = (await client.end()).split(/(?<=first)/);
  expect(bodyOf(first ?? "")).toBe("first");
  expect(bodyOf(second ?? "")).toBe("4\r\npart\r\n");
});

describe("what cannot be parsed behind a request that is not answered yet", () => {
  const waiting = (): { application: Application; open: () => void; aborted: string[] } => {
    const { opened, open } = gate();
    const aborted: string[] = [];
    const application: Application = async (environ, startResponse) => {
      environ["dram.signal"]?.addEventListener("abort", () => aborted.push(environ.PATH_INFO));
      startResponse("200 OK", []);
      if (environ.PATH_INFO === "/upload") {
        await environ["wsgi.input"].read();
      }
      await opened;
      return text("first");
    };
    return { application, open, aborted };
  };
  const FIRST = "GET /first HTTP/1.1\r\nHost: a\r\n\r\n";

  test.each([
    ["no HTTP", "nonsense\r\n\r\n", "400 Bad Request"],
    ["CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", "501 Not Implemented"],
    [
      "a broken upload",
      "POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nno size\r\n",
      "400 Bad Request",
    ],
  ])("%s is answered second", async (_what, second, status) => {
    const { application, open, aborted } = waiting();
    const { port } = await listening(async (environ, startResponse) => {
      setImmediate(open);
      return application(environ, startResponse);
    });
    const received = await exchange(port, `${FIRST}${second}`);
    expect(received.match(/(?<=HTTP\/1\.1 )\d+ .*/g)).toEqual(["200 OK", status]);
    expect(received).toContain("first");
    expect(aborted).not.toContain("/first");
  });

  test.each(["nonsense\r\n\r\n", "GET / HT"])(
    "%j does not hide that the client leaves",
    async (second) => {
      const { application, aborted } = waiting();
      const { port } = await listening(application);
      const client = await wire(port);
      client.send(`${FIRST}${second}`);
      client.socket.end();
      await until(() => aborted.length > 0);
      expect(aborted).toEqual(["/first"]);
    },
  );
});
