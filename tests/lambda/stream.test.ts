import { type Application, type Body, type HeaderList, text } from "dram";
import { toLambdaStream } from "dram/lambda";
import { describe, expect, test } from "vitest";
import { RecordedBody } from "../core/exchangehelpers.ts";
import { coded, idle, Log, latin1 } from "../core/helpers.ts";
import { until } from "../targets/target.ts";
import { albSingle, context, fixture, ok, SOURCES, url, v1, v2 } from "./helpers.ts";
import { RuntimeStream, stream, streamHandler } from "./runtime.ts";

const HEADERS: HeaderList = [
  ["Content-Type", "text/plain"],
  ["Set-Cookie", "a=1"],
  ["Set-Cookie", "b=2"],
];

function answering(body: Body, headers: HeaderList = HEADERS, status = "200 OK"): Application {
  return (_environ, startResponse) => {
    startResponse(status, headers);
    return body;
  };
}

describe("the head", () => {
  test("of a function URL has headers and cookies", async () => {
    expect(await stream(url(), answering(text("ok")))).toEqual({
      prelude: {
        statusCode: 200,
        headers: { "content-type": "text/plain" },
        cookies: ["a=1", "b=2"],
      },
      body: "ok",
      contentType: "application/vnd.awslambda.http-integration-response",
      error: undefined,
      finished: true,
    });
  });

  test("of a REST API has lists of values", async () => {
    const { prelude } = await stream(v1(), answering(text("ok")));
    expect(prelude).toEqual({
      statusCode: 200,
      multiValueHeaders: { "content-type": ["text/plain"], "set-cookie": ["a=1", "b=2"] },
    });
  });

  test.each<[string, Body, string]>([
    ["no body", [], "200 OK"],
    ["an empty text", text(""), "200 OK"],
    ["204", [latin1("dropped")], "204 No Content"],
  ])("leaves even with %s", async (_case, body, status) => {
    const sent = await stream(url(), answering(body, [], status));
    expect([sent.prelude?.statusCode, sent.body, sent.finished]).toEqual([
      Number(status.slice(0, 3)),
      "",
      true,
    ]);
  });

  test("leaves with the first chunk, not before", async () => {
    const gate = Promise.withResolvers<void>();
    const out = new RuntimeStream();
    const done = streamHandler(
      answering(
        (async function* () {
          await gate.promise;
          yield latin1("a");
        })(),
      ),
    )(url(), out, context());
    await idle();
    expect(out.text).toBe("");
    gate.resolve();
    await done;
    expect(out.text).toMatch(/^\{"statusCode":200.*\0{8}a$/);
  });

  test("B22 leaves at an empty write, before there is a body", async () => {
    const gate = Promise.withResolvers<void>();
    const out = new RuntimeStream();
    const done = streamHandler(async (_environ, startResponse) => {
      const write = startResponse("200 OK", []);
      await write(latin1(""));
      await gate.promise;
      return [latin1("a")];
    })(url(), out, context());
    await until(() => out.text !== "");
    expect(out.text).toMatch(/^\{"statusCode":200.*\0{8}$/);
    gate.resolve();
    await done;
    expect(out.text).toMatch(/\0{8}a$/);
  });

  test("of an early error is that of the error", async () => {
    const { prelude, body, error } = await stream(
      url(),
      answering(
        (async function* () {
          yield latin1("");
          throw new Error("secret");
        })(),
      ),
      { errors: new Log() },
    );
    expect([prelude?.statusCode, body, error]).toEqual([500, "Internal Server Error\n", undefined]);
  });

  test("of a refused request is that of the refusal", async () => {
    const { prelude } = await stream(url({ headers: { host: "a/b" } }), ok, { errors: new Log() });
    expect(prelude?.statusCode).toBe(400);
  });
});

describe("the body", () => {
  test("B05 each chunk is on its way before the next is asked for", async () => {
    const out = new RuntimeStream();
    const seen: string[] = [];
    await streamHandler(
      answering(
        (async function* () {
          for (const chunk of ["a", "b", "c"]) {
            await idle();
            seen.push(out.text.slice(out.text.lastIndexOf("\0") + 1));
            yield latin1(chunk);
          }
        })(),
      ),
    )(url(), out, context());
    expect(seen).toEqual(["", "a", "ab"]);
  });

  test("S8 nothing is asked for while the stream is full", async () => {
    const gate = Promise.withResolvers<void>();
    const out = new RuntimeStream();
    out.gate = gate.promise;
    let asked = 0;
    const done = streamHandler(
      answering(
        (function* () {
          for (; asked < 100; asked++) {
            yield new Uint8Array(600);
          }
        })(),
      ),
    )(url(), out, context());
    await idle();
    await idle();
    expect(asked).toBeLessThanOrEqual(2);
    gate.resolve();
    await done;
    expect(asked).toBe(100);
  });

  test("B20 what is written comes first", async () => {
    const { body } = await stream(url(), async (_environ, startResponse) => {
      const write = startResponse("200 OK", []);
      await write(latin1("1"));
      write(latin1("2"));
      return [latin1("3")];
    });
    expect(body).toBe("123");
  });

  test("is bytes, whatever they are", async () => {
    const { body } = await stream(url(), answering([Uint8Array.of(0xff, 0x00, 0xe9)]));
    expect(body).toBe("\xff\0\xe9");
  });

  test("X12 capabilities say that it is streamed", async () => {
    const streaming: unknown[] = [];
    for (const event of [url(), v1(), v2(), albSingle()]) {
      await stream(event, (environ, startResponse) => {
        streaming.push(environ["dram.capabilities"]?.streaming);
        return ok(environ, startResponse);
      });
    }
    expect(streaming).toEqual([true, true, false, false]);
  });
});

describe("F08 what breaks the body", () => {
  const failure = new Error("in the middle");
  const broken = new RecordedBody(latin1("part"), () => {
    throw failure;
  });

  test("reaches the runtime, which reports it in a trailer", async () => {
    const log = new Log();
    const sent = await stream(url(), answering(broken), { errors: log });
    expect([sent.prelude?.statusCode, sent.body, sent.finished]).toEqual([200, "part", false]);
    expect(sent.error).toBe(failure);
    expect(log.writes).toHaveLength(1);
    expect(broken.events.filter((event) => event === "close")).toEqual(["close"]);
  });

  test("a stream that is destroyed ends the body, which is closed once", async () => {
    const out = new RuntimeStream();
    const body = new RecordedBody(
      latin1("a"),
      () => {
        out.destroy();
        return idle().then(() => undefined);
      },
      latin1("b"),
      latin1("c"),
    );
    const done = streamHandler(answering(body), { errors: new Log() })(url(), out, context());
    await expect(done).rejects.toThrow(coded("ERR_CLIENT_DISCONNECTED"));
    expect(body.events.filter((event) => event === "close")).toEqual(["close"]);
    expect(body.events).not.toContain("yield c");
  });

  test("a stream that is destroyed while nothing comes ends the body, too", async () => {
    const out = new RuntimeStream();
    const body = new RecordedBody(latin1("a"), () => new Promise(() => {}));
    const short = context({ getRemainingTimeInMillis: () => 500 });
    const done = streamHandler(answering(body), { errors: new Log() })(url(), out, short);
    await idle();
    out.destroy();
    await expect(done).rejects.toThrow(coded("ERR_CLIENT_DISCONNECTED"));
    expect(body.events).toEqual(["yield a", "close"]);
  });

  test("the deadline in the middle is reported, and the body closed", async () => {
    const log = new Log();
    const out = new RuntimeStream();
    const body = new RecordedBody(latin1("a"), () => new Promise(() => {}));
    const handler = streamHandler(answering(body), { errors: log });
    const short = context({ getRemainingTimeInMillis: () => 100 });
    await expect(handler(url(), out, short)).rejects.toThrow(coded("ERR_DEADLINE"));
    expect(body.events).toEqual(["yield a", "close"]);
    expect(log.writes[0]).toContain("ERR_DEADLINE");
  });

  test("the deadline before the first chunk is a 504", async () => {
    const out = new RuntimeStream();
    const handler = streamHandler(() => new Promise<never>(() => {}), { errors: new Log() });
    await handler(url(), out, context({ getRemainingTimeInMillis: () => 100 }));
    expect(out.text).toMatch(/^\{"statusCode":504/);
  });

  test("a client that takes nothing does not hold the function past the deadline", async () => {
    const out = new RuntimeStream();
    out.gate = new Promise(() => {});
    const handler = streamHandler(answering([new Uint8Array(5000), new Uint8Array(5000)]), {
      errors: new Log(),
    });
    const short = context({ getRemainingTimeInMillis: () => 100 });
    await expect(handler(url(), out, short)).rejects.toThrow(coded("ERR_DEADLINE"));
  });

  test("nor does one that takes nothing of a body that is still produced", async () => {
    const log = new Log();
    const out = new RuntimeStream();
    out.gate = new Promise(() => {});
    const body = new RecordedBody(new Uint8Array(5000), new Uint8Array(5000));
    const handler = streamHandler(answering(body), { errors: log });
    const short = context({ getRemainingTimeInMillis: () => 100 });
    await expect(handler(url(), out, short)).rejects.toThrow(coded("ERR_DEADLINE"));
    expect(body.events.at(-1)).toBe("close");
    expect(log.writes.filter((line) => line.includes("ERR_DEADLINE"))).toHaveLength(1);
  });

  test("nor does one that leaves the last bytes", async () => {
    const log = new Log();
    const out = new RuntimeStream();
    out.gate = new Promise(() => {});
    const handler = streamHandler(answering([new Uint8Array(5)]), { errors: log });
    const short = context({ getRemainingTimeInMillis: () => 100 });
    await expect(handler(url(), out, short)).rejects.toThrow(coded("ERR_DEADLINE"));
    expect(log.writes.filter((line) => line.includes("ERR_DEADLINE"))).toHaveLength(1);
  });
});

describe("T13 limits", () => {
  test("200 MB are streamed, and no more", async () => {
    const out = new RuntimeStream();
    const chunk = new Uint8Array(10 * 1024 * 1024);
    let sent = 0;
    Object.defineProperty(out, "_write", {
      value(bytes: Uint8Array, _encoding: string, done: () => void) {
        sent += bytes.length;
        done();
      },
    });
    let closed = 0;
    const log = new Log();
    const handler = streamHandler(
      answering({
        *[Symbol.iterator]() {
          for (;;) {
            yield chunk;
          }
        },
        close() {
          closed++;
        },
      }),
      { errors: log },
    );
    await expect(handler(url(), out, context())).rejects.toThrow(coded("ERR_RESPONSE_TOO_LARGE"));
    expect(Math.floor(sent / chunk.length)).toBe(20);
    expect(closed).toBe(1);
    expect(log.writes.join("")).toContain(
      "a streamed response on Lambda has at most 209715200 bytes",
    );
  });

  test("too many headers for API Gateway are a 500", async () => {
    const body = new RecordedBody(latin1("a"));
    const { prelude } = await stream(v1(), answering(body, [["X-A", "a".repeat(11_000)]]), {
      errors: new Log(),
    });
    expect(prelude?.statusCode).toBe(500);
    expect(body.events.filter((event) => event === "close")).toEqual(["close"]);
  });
});

describe("what cannot be streamed", () => {
  test.each(["HTTP API 1.0", "HTTP API 2.0", "ALB, single", "ALB, multi", "VPC Lattice v2"])(
    "%s gets its buffered result as JSON",
    async (name) => {
      const sent = await stream(SOURCES[name], ok);
      expect([sent.contentType, sent.finished]).toEqual(["application/json", true]);
      expect(JSON.parse(sent.body)).toMatchObject({ statusCode: 200, body: "ok" });
    },
  );

  test("an event of another kind gets its handler's answer as JSON", async () => {
    const sent = await stream(fixture("aws-lambda-go/sqs-event"), ok, {
      events: { "aws:sqs": () => ({ batchItemFailures: [] }) },
    });
    expect(sent.body).toBe('{"batchItemFailures":[]}');
  });

  test("an event of another kind without a handler fails the invocation", async () => {
    const { error, finished } = await stream(fixture("aws-lambda-go/sqs-event"), ok);
    expect([error, finished]).toEqual([coded("ERR_EVENT"), false]);
  });

  test("where the runtime cannot stream, a buffered result is returned", async () => {
    const handler = toLambdaStream(ok) as (event: unknown, context: unknown) => Promise<unknown>;
    expect(await handler(url(), context())).toMatchObject({ statusCode: 200, body: "ok" });
  });

  test("a global awslambda that cannot stream, such as Powertools makes one, is none", async () => {
    Object.assign(globalThis, { awslambda: {} });
    try {
      const handler = toLambdaStream(ok) as (event: unknown, context: unknown) => Promise<unknown>;
      expect(await handler(url(), context())).toMatchObject({ statusCode: 200, body: "ok" });
    } finally {
      Reflect.deleteProperty(globalThis, "awslambda");
    }
  });
});

test("X13 what dram.wait_until was given does not hold the last byte back, but the invocation", async () => {
  const order: string[] = [];
  const out = new RuntimeStream();
  out.on("finish", () => order.push("last byte"));
  const work = Promise.withResolvers<void>();
  const done = streamHandler((environ, startResponse) => {
    environ["dram.wait_until"]?.(work.promise.then(() => order.push("work")));
    return ok(environ, startResponse);
  })(url(), out, context()).then(() => order.push("invocation"));
  out.on("finish", () => setImmediate(work.resolve));
  await done;
  expect(order).toEqual(["last byte", "work", "invocation"]);
});
