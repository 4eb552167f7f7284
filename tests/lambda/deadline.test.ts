import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Application, type Environ, text } from "dram";
import { toLambda } from "dram/lambda";
import { describe, expect, test } from "vitest";
import { RecordedBody } from "../core/exchangehelpers.ts";
import { coded, Log, latin1 } from "../core/helpers.ts";
import { context, type Json, ok, SOURCES, v2 } from "./helpers.ts";

const NEVER = new Promise<never>(() => {});

/** One invocation with 100 ms left, the last 50 of which are the margin. */
async function overdue(
  application: Application,
  event: unknown = v2(),
): Promise<{ result: Json; lines: string[]; environ: Environ | undefined }> {
  const log = new Log();
  let environ: Environ | undefined;
  const handler = toLambda(
    (given, startResponse) => {
      environ = given;
      return application(given, startResponse);
    },
    { errors: log },
  );
  const timed = context({ getRemainingTimeInMillis: () => 100 });
  return { result: (await handler(event, timed)) as Json, lines: log.writes, environ };
}

const LINE =
  'dram: GET /x (request "request-1"): ERR_DEADLINE: the function\'s time was up before the response was\n';

describe("F12 the deadline", () => {
  test("an application that never answers: 504, and a line in the log", async () => {
    const { result, lines } = await overdue(() => NEVER);
    expect(result).toMatchObject({
      statusCode: 504,
      body: "Gateway Timeout: the function's time was up before the response was\n",
    });
    expect(lines).toEqual([LINE]);
  });

  test.each(Object.entries(SOURCES))("%s is answered 504", async (_name, event) => {
    const { result } = await overdue(() => NEVER, event);
    expect(String(result.statusCode ?? result.status)).toBe("504");
  });

  test("a body whose first chunk never comes: 504, closed", async () => {
    const body = new RecordedBody(() => NEVER);
    const { result, lines } = await overdue((_environ, startResponse) => {
      startResponse("200 OK", []);
      return body;
    });
    expect([result.statusCode, body.events, lines[0]]).toEqual([504, ["close"], LINE]);
  });

  test("a body that stops in the middle: 504 and none of it, closed", async () => {
    const body = new RecordedBody(latin1("part"), () => NEVER);
    const { result, lines } = await overdue((_environ, startResponse) => {
      startResponse("200 OK", []);
      return body;
    });
    expect([result.statusCode, body.events, lines[0]]).toEqual([
      504,
      ["yield part", "close"],
      LINE,
    ]);
    expect(result.body).not.toContain("part");
  });

  test("write() and then nothing: 504", async () => {
    const { result } = await overdue(async (_environ, startResponse) => {
      await startResponse("200 OK", [])(latin1("part"));
      return NEVER;
    });
    expect(result.statusCode).toBe(504);
  });

  test("aborts dram.signal with a reason that tells it", async () => {
    const { environ } = await overdue(() => NEVER);
    expect(environ?.["dram.signal"]?.aborted).toBe(true);
    expect(environ?.["dram.signal"]?.reason).toEqual(coded("ERR_DEADLINE"));
  });

  test("waits for a close() that takes some of the time that is left", async () => {
    let closed = false;
    await overdue((_environ, startResponse) => {
      startResponse("200 OK", []);
      return {
        [Symbol.asyncIterator]: () => ({ next: () => NEVER }),
        async close() {
          await new Promise((resolve) => setTimeout(resolve, 1));
          closed = true;
        },
      };
    });
    expect(closed).toBe(true);
  });

  test("does not wait for a close() that never ends", async () => {
    const { result, lines } = await overdue((_environ, startResponse) => {
      startResponse("200 OK", []);
      return { *[Symbol.iterator]() {}, close: () => NEVER };
    });
    expect(result.statusCode).toBe(200);
    expect(lines.join("")).toContain("had not settled in time");
  });

  test("does not touch a response that is there", async () => {
    const { result, environ } = await overdue(async (given, startResponse) =>
      ok(given, startResponse),
    );
    expect([result.statusCode, environ?.["dram.signal"]?.aborted]).toEqual([200, false]);
  });

  test("comes by the margin before the timeout", async () => {
    const started = performance.now();
    const handler = toLambda(() => NEVER, { errors: new Log(), deadlineMargin: 900 });
    await handler(v2(), context({ getRemainingTimeInMillis: () => 2000 }));
    const elapsed = performance.now() - started;
    expect(elapsed).toBeGreaterThan(1000);
    expect(elapsed).toBeLessThan(1900);
  });

  test("leaves a function with little time half of it", async () => {
    const { result } = await overdue(async (environ, startResponse) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return ok(environ, startResponse);
    });
    expect(result.statusCode).toBe(200);
  });

  test("is not there without a context", async () => {
    const handler = toLambda(async (environ, startResponse) => ok(environ, startResponse));
    expect(await handler(v2(), undefined as never)).toMatchObject({ statusCode: 200 });
  });
});

describe("X13 dram.wait_until", () => {
  test("is awaited before the result", async () => {
    const order: string[] = [];
    const handler = toLambda((environ, startResponse) => {
      environ["dram.wait_until"]?.(
        new Promise<void>((resolve) => setTimeout(resolve, 5)).then(() => {
          order.push("work");
          // What is added meanwhile is awaited, too.
          environ["dram.wait_until"]?.(Promise.resolve().then(() => order.push("more work")));
        }),
      );
      return ok(environ, startResponse);
    });
    await handler(v2(), context());
    order.push("result");
    expect(order).toEqual(["work", "more work", "result"]);
  });

  test("a rejection is logged, and the response is untouched", async () => {
    const log = new Log();
    const handler = toLambda(
      (environ, startResponse) => {
        environ["dram.wait_until"]?.(Promise.reject(new Error("no mail")));
        return ok(environ, startResponse);
      },
      { errors: log },
    );
    expect(await handler(v2(), context())).toMatchObject({ statusCode: 200 });
    expect(log.writes.join("")).toContain("no mail");
  });

  test("at the deadline the response goes out without it", async () => {
    const { result, lines } = await overdue((environ, startResponse) => {
      environ["dram.wait_until"]?.(NEVER);
      return ok(environ, startResponse);
    });
    expect(result.statusCode).toBe(200);
    expect(lines.join("")).toContain("had not settled in time");
  });
});

test("T19 a thousand invocations that overlap have each their own environ, signal and log", async () => {
  const log = new Log();
  const handler = toLambda(
    async (environ, startResponse) => {
      const id = environ.QUERY_STRING;
      for (let turn = 0; turn < Number(id) % 7; turn++) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      environ["wsgi.errors"].write(`${id} ${environ["dram.request_id"]}\n`);
      startResponse("200 OK", [["X-Id", id]]);
      return text(`${id} ${environ.QUERY_STRING}`);
    },
    { errors: log },
  );
  const ids = Array.from({ length: 1000 }, (_, index) => String(index));
  const results = (await Promise.all(
    ids.map((id) => handler(v2({ rawQueryString: id }), context({ awsRequestId: `r${id}` }))),
  )) as Json[];
  expect(results.map(({ headers, body }) => [(headers as Json)["x-id"], body])).toEqual(
    ids.map((id) => [id, `${id} ${id}`]),
  );
  expect(new Set(log.writes)).toEqual(new Set(ids.map((id) => `${id} r${id}\n`)));
});

describe("F21 SIGTERM", () => {
  const PROGRAM = `
    import { toLambda } from "dram/lambda";
    const errors = { write(line) { console.log(line.trim()); }, writelines() {}, flush() {} };
    const handler = toLambda((environ, startResponse) => {
      startResponse("200 OK", []);
      return {
        [Symbol.asyncIterator]() {
          setImmediate(() => console.log("waiting"));
          return { next: () => new Promise(() => {}) };
        },
        close() { console.log("closed", environ["dram.signal"].reason.code); },
      };
    }, { errors });
    setInterval(() => {}, 1000);
    const result = await handler(${JSON.stringify(v2())}, { awsRequestId: "1", getRemainingTimeInMillis: () => 60_000 });
    console.log("answered", result.statusCode);
  `;

  test("ends the request under way, closes its body, and then the process", async () => {
    const child = spawn(
      process.execPath,
      ["--conditions=dram-source", "--input-type=module", "--eval", PROGRAM],
      {
        cwd: join(import.meta.dirname, "../.."),
        stdio: ["ignore", "pipe", "inherit"],
        // One that does not end by itself is to fail the test, not to hold it.
        timeout: 15_000,
        killSignal: "SIGKILL",
      },
    );
    const lines: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      lines.push(line);
      if (line === "waiting") {
        child.kill("SIGTERM");
      }
    }
    const [code] = child.exitCode === null ? await once(child, "exit") : [child.exitCode];
    expect(lines).toEqual([
      "waiting",
      "closed ERR_ABORTED",
      'dram: GET /x (request "1"): ERR_ABORTED: the process was told to stop',
      "answered 503",
    ]);
    expect(code).toBe(0);
  });
});
