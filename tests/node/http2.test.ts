import { once } from "node:events";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2";
import { type Application, type Body, closing, DramError, type HeaderList, json, text } from "dram";
import { describe, expect, onTestFinished, test } from "vitest";
import { until } from "../targets/target.ts";
import { bytes, listening, showEnviron, type Wire, wire } from "./helpers.ts";

const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const SETTINGS = 4;
const END_STREAM = 1;
const END_HEADERS = 4;

interface Answer {
  readonly headers: IncomingHttpHeaders & { ":status"?: number };
  readonly body: string;
}

async function connected(application: Application) {
  const server = await listening(application, { http2: true });
  const session = connect(server.url);
  session.on("error", () => {});
  onTestFinished(() => session.destroy());
  return { ...server, session };
}

async function request(
  session: ClientHttp2Session,
  fields: OutgoingHttpHeaders = {},
  body?: string,
): Promise<Answer> {
  return read(open(session, fields, body));
}

function open(
  session: ClientHttp2Session,
  fields: OutgoingHttpHeaders = {},
  body?: string,
): ClientHttp2Stream {
  const stream = session.request({ ":path": "/", ...fields });
  stream.on("error", () => {});
  stream.end(body);
  return stream;
}

async function read(stream: ClientHttp2Stream): Promise<Answer> {
  const [headers] = await once(stream, "response");
  const body = (await stream.setEncoding("latin1").toArray()).join("");
  return { headers, body };
}

test("environ is that of any request, without pseudo headers", async () => {
  const { session, port } = await connected(showEnviron);
  const answer = await request(session, {
    ":path": "/a%20b?c=1",
    ":authority": "a.example",
    cookie: ["a=1", "b=2"],
    "x-a": ["1", "2"],
  });
  const environ = JSON.parse(answer.body);
  expect(environ).toMatchObject({
    PATH_INFO: "/a b",
    QUERY_STRING: "c=1",
    SERVER_PROTOCOL: "HTTP/2",
    SERVER_NAME: "127.0.0.1",
    SERVER_PORT: String(port),
    REMOTE_ADDR: "127.0.0.1",
    HTTP_HOST: "a.example",
    HTTP_COOKIE: "a=1; b=2",
    HTTP_X_A: "1, 2",
    "wsgi.url_scheme": "http",
  });
  expect(Object.keys(environ).filter((key) => key.includes(":"))).toEqual([]);
});

test("capabilities say that there is no reason phrase", async () => {
  const { session } = await connected((environ, startResponse) => {
    startResponse("200 Froody", []);
    return json(environ["dram.capabilities"]);
  });
  const { body, headers } = await request(session);
  expect(headers[":status"]).toBe(200);
  expect(JSON.parse(body)).toMatchObject({ reason: false, trailers: true, latin1Headers: true });
});

describe("T07 a Host beside :authority", () => {
  test("may say the same", async () => {
    const { session } = await connected(showEnviron);
    const { body } = await request(session, { ":authority": "a.example", host: "A.example" });
    expect(JSON.parse(body).HTTP_HOST).toBe("a.example");
  });

  test("may not say anything else", async () => {
    const { session } = await connected(showEnviron);
    const { headers } = await request(session, { ":authority": "a.example", host: "b.example" });
    expect(headers[":status"]).toBe(400);
  });

  test("a refused request leaves the others of its connection alone", async () => {
    const { session } = await connected(showEnviron);
    await request(session, { ":authority": "a.example", host: "b.example" });
    expect((await request(session)).headers[":status"]).toBe(200);
  });
});

test("T10 header bytes are the same both ways, repeated ones apart", async () => {
  const { session } = await connected((environ, startResponse) => {
    const headers: HeaderList = [
      ["X-Latin", String(environ.HTTP_X_LATIN)],
      ["Set-Cookie", "a=1"],
      ["Set-Cookie", "b=2"],
    ];
    startResponse("200 OK", headers);
    return text("gr\u00f6\u00dfe");
  });
  const { headers, body } = await request(session, { "x-latin": "caf\u00e9" });
  expect(headers["x-latin"]).toBe("caf\u00e9");
  expect(headers["set-cookie"]).toEqual(["a=1", "b=2"]);
  expect(headers["content-length"]).toBe("7");
  expect(body).toBe("gr\u00c3\u00b6\u00c3\u009fe");
});

test.each(["204 No Content", "304 Not Modified"])("%s has no body", async (status) => {
  const { session } = await connected((_environ, startResponse) => {
    startResponse(status, []);
    return [bytes("dropped")];
  });
  expect((await request(session)).body).toBe("");
});

test("a body is read, and one that nobody reads does not hold the answer", async () => {
  const { session } = await connected(async (environ, startResponse) => {
    const read = environ.PATH_INFO === "/read" ? (await environ["wsgi.input"].read()).length : -1;
    startResponse("200 OK", []);
    return text(String(read));
  });
  const body = "x".repeat(200_000);
  const fields = { ":method": "POST" };
  expect((await request(session, { ...fields, ":path": "/read" }, body)).body).toBe("200000");
  expect((await request(session, { ...fields, ":path": "/left" }, body)).body).toBe("-1");
  expect((await request(session, { ...fields, ":path": "/read" }, body)).body).toBe("200000");
});

describe("a body that does not end, in frames", () => {
  const POST = [0x83, 0x86, 0x84, 0x01, 0x01, 0x61];

  function frame(type: number, flags: number, stream: number, payload: number[] = []): string {
    const head = [0, 0, payload.length, type, flags, 0, 0, 0, stream];
    return String.fromCharCode(...head, ...payload);
  }

  /** Type and flags of each frame of the first stream. */
  function framesIn(received: string): [type: number, flags: number][] {
    const frames: [number, number][] = [];
    const sent = Buffer.from(received, "latin1");
    for (let at = 0; at + 9 <= sent.length; at += 9 + sent.readUIntBE(at, 3)) {
      if (sent.readUInt32BE(at + 5) === 1) {
        frames.push([sent.readUInt8(at + 3), sent.readUInt8(at + 4)]);
      }
    }
    return frames;
  }

  async function upload(port: number): Promise<Wire> {
    const client = await wire(port);
    client.send(`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${frame(SETTINGS, 0, 0)}`);
    client.send(frame(HEADERS, END_HEADERS, 1, POST) + frame(DATA, 0, 1, [0x61, 0x62, 0x63]));
    return client;
  }

  test.each<[what: string, body: () => Body, data: [number, number][]]>([
    [
      "a text",
      () => text("hello"),
      [
        [DATA, 0],
        [DATA, END_STREAM],
      ],
    ],
    [
      "a stream",
      () => closing([bytes("hello")].values()),
      [
        [DATA, 0],
        [DATA, END_STREAM],
      ],
    ],
    ["nothing", () => [], [[DATA, END_STREAM]]],
  ])("RFC 9113 §8.1 is refused when %s has ended the answer", async (_what, body, data) => {
    const { port } = await listening(
      (_environ, startResponse) => {
        startResponse("200 OK", []);
        return body();
      },
      { http2: true },
    );
    const client = await upload(port);
    await until(() => framesIn(client.received).some(([type]) => type === RST_STREAM));
    expect(framesIn(client.received)).toEqual([[HEADERS, END_HEADERS], ...data, [RST_STREAM, 0]]);
  });

  test("F01 is no whole one if its stream is reset, with whatever code", async () => {
    const codes: unknown[] = [];
    const { port } = await listening(
      async (environ) => {
        try {
          codes.push((await environ["wsgi.input"].read()).length);
        } catch (error) {
          codes.push(error instanceof DramError ? error.code : error);
        }
        return [];
      },
      { http2: true },
    );
    const client = await upload(port);
    client.send(frame(RST_STREAM, 0, 1, [0, 0, 0, constants.NGHTTP2_NO_ERROR]));
    await until(() => codes.length > 0);
    expect(codes).toEqual(["ERR_CLIENT_DISCONNECTED"]);
  });
});

test("Expect: 100-continue is answered when the application reads", async () => {
  const { session } = await connected(async (environ, startResponse) => {
    const { length } = await environ["wsgi.input"].read();
    startResponse("200 OK", []);
    return text(String(length));
  });
  const stream = session.request({ ":method": "POST", ":path": "/", expect: "100-continue" });
  await once(stream, "continue");
  stream.end("hello");
  expect((await read(stream)).body).toBe("5");
});

test("F08 a body that breaks resets its stream, not the connection", async () => {
  const { session } = await connected((environ, startResponse) => {
    startResponse("200 OK", []);
    return (async function* () {
      yield bytes("part");
      if (environ.PATH_INFO === "/breaks") {
        throw new Error("broken");
      }
    })();
  });
  const stream = open(session, { ":path": "/breaks" });
  let received = "";
  stream.setEncoding("latin1").on("data", (data: string) => {
    received += data;
  });
  await until(() => stream.closed && stream.destroyed);
  expect(stream.rstCode).toBe(constants.NGHTTP2_INTERNAL_ERROR);
  expect(received).toBe("part");
  expect((await request(session)).body).toBe("part");
});

test("B31 a client that resets its stream aborts the signal and closes the body", async () => {
  const seen: string[] = [];
  const { session } = await connected((environ, startResponse) => {
    environ["dram.signal"]?.addEventListener("abort", () => seen.push("aborted"));
    startResponse("200 OK", []);
    return {
      async *[Symbol.asyncIterator]() {
        for (;;) {
          yield new Uint8Array(65_536);
        }
      },
      close() {
        seen.push("closed");
      },
    };
  });
  const stream = open(session);
  await once(stream, "response");
  stream.close(constants.NGHTTP2_CANCEL);
  await until(() => seen.includes("closed"), 1000);
  expect(seen.toSorted()).toEqual(["aborted", "closed"]);
});

test("G7 no more than 8 MiB are made ahead of a stream that is not read", async () => {
  let made = 0;
  const { session } = await connected((_environ, startResponse) => {
    startResponse("200 OK", []);
    return (async function* () {
      for (;;) {
        made += 65_536;
        yield new Uint8Array(65_536);
      }
    })();
  });
  await once(open(session), "response");
  let before = -1;
  await until(async () => {
    const settled = made > 0 && made === before;
    before = made;
    await new Promise((resolve) => setTimeout(resolve, 50));
    return settled;
  });
  expect(made).toBeLessThan(8 * 1024 * 1024);
});

test("X10 early hints and X11 trailers are sent", async () => {
  const { session } = await connected((environ, startResponse) => {
    environ["wsgi.early_hints"]?.([["Link", "</a.css>; rel=preload"]]);
    environ["dram.trailers"]?.([
      ["X-Sum", "1"],
      ["x-sum", "2"],
    ]);
    startResponse("200 OK", []);
    return text("hello");
  });
  const stream = open(session, { te: "trailers" });
  const seen: unknown[] = [];
  stream.on("headers", (headers) => seen.push([headers[":status"], headers.link]));
  stream.on("trailers", (headers) => seen.push(headers["x-sum"]));
  expect((await read(stream)).body).toBe("hello");
  await until(() => seen.length === 2);
  expect(seen).toEqual([[103, "</a.css>; rel=preload"], "1, 2"]);
});

test("T06 CONNECT is answered 501", async () => {
  const { session } = await connected(showEnviron);
  const stream = session.request({ ":method": "CONNECT", ":authority": "a.example:443" });
  const [headers] = await once(stream, "response");
  expect(headers[":status"]).toBe(501);
});

test("a header that HTTP/2 sends but once is answered 500 if it is repeated", async () => {
  const { session, log } = await connected((_environ, startResponse) => {
    startResponse("200 OK", [
      ["ETag", '"a"'],
      ["ETag", '"b"'],
    ]);
    return text("hello");
  });
  const { headers } = await request(session);
  expect(headers[":status"]).toBe(500);
  expect(log).toHaveLength(1);
});

describe("T20 time limits", () => {
  test.each([
    ["has sent no request", { headersTimeout: 100 }, false],
    ["is idle after a request", { keepAliveTimeout: 100 }, true],
  ])("a connection that %s is told GOAWAY", async (_what, options, ask) => {
    const { url } = await listening(
      (_environ, startResponse) => {
        startResponse("200 OK", []);
        return text("hello");
      },
      { http2: true, ...options },
    );
    const session = connect(url);
    session.on("error", () => {});
    onTestFinished(() => session.destroy());
    const gone = once(session, "goaway");
    if (ask) {
      await request(session);
    }
    const [code] = await gone;
    expect(code).toBe(constants.NGHTTP2_NO_ERROR);
  });

  test("a request that does not end is reset, and its read fails", async () => {
    let failure: unknown;
    const { url } = await listening(
      async (environ, startResponse) => {
        failure = await environ["wsgi.input"].read().catch((error: unknown) => error);
        startResponse("200 OK", []);
        return [];
      },
      { http2: true, requestTimeout: 100 },
    );
    const session = connect(url);
    onTestFinished(() => session.destroy());
    const stream = session.request({ ":method": "POST", ":path": "/" });
    stream.on("error", () => {});
    stream.write("part");
    await once(stream, "close");
    expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
    await until(() => failure !== undefined);
    expect(failure).toMatchObject({ code: "ERR_CLIENT_DISCONNECTED" });
  });

  test("a response that takes longer than a request may is sent whole", async () => {
    const { url } = await listening(
      (_environ, startResponse) => {
        startResponse("200 OK", []);
        return (async function* () {
          yield bytes("slow ");
          await new Promise((resolve) => setTimeout(resolve, 300));
          yield bytes("answer");
        })();
      },
      { http2: true, requestTimeout: 100, keepAliveTimeout: 100, headersTimeout: 100 },
    );
    const session = connect(url);
    onTestFinished(() => session.destroy());
    expect((await request(session, { ":method": "POST" }, "body")).body).toBe("slow answer");
  });
});
