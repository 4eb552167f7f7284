import { type LambdaLogger, toLambda } from "dram/lambda";
import { expect, test, vi } from "vitest";
import { albSingle, context, ok, v2 } from "./helpers.ts";

/** A structured logger that keeps its entries. */
class Entries implements LambdaLogger {
  readonly entries: Record<string, unknown>[] = [];

  error(message: string, attributes: Record<string, unknown>): void {
    this.entries.push({ message, ...attributes });
  }
}

test("S31 wsgi.errors goes to the logger with the keys of the invocation", async () => {
  const logger = new Entries();
  const handler = toLambda(
    (environ, startResponse) => {
      environ["wsgi.errors"].write("one\ntwo");
      return ok(environ, startResponse);
    },
    { logger },
  );
  await handler(v2(), context());
  const keys = {
    cold_start: true,
    function_arn: "arn:aws:lambda:eu-central-1:123456789012:function:a-function",
    function_memory_size: "128",
    function_name: "a-function",
    function_request_id: "request-1",
    correlation_id: "v2-1",
  };
  expect(logger.entries).toEqual([
    { message: "one", ...keys },
    { message: "two", ...keys },
  ]);
});

test("only the first invocation is a cold start", async () => {
  const logger = new Entries();
  const handler = toLambda(
    (environ, startResponse) => {
      environ["wsgi.errors"].write("line\n");
      return ok(environ, startResponse);
    },
    { logger, events: { "*": () => null } },
  );
  await handler(v2(), context());
  await handler(v2(), context());
  expect(logger.entries.map(({ cold_start }) => cold_start)).toEqual([true, false]);
});

test("an event that is no request is an invocation, too", async () => {
  const logger = new Entries();
  const handler = toLambda(
    (environ, startResponse) => {
      environ["wsgi.errors"].write("line\n");
      return ok(environ, startResponse);
    },
    { logger, events: { "*": () => null } },
  );
  await handler({ source: "warmup" }, context());
  await handler(v2(), context());
  expect(logger.entries.map(({ cold_start }) => cold_start)).toEqual([false]);
});

test("T15 the gateway's own line about an error goes there, too", async () => {
  const logger = new Entries();
  const handler = toLambda(
    () => {
      throw new Error("secret");
    },
    { logger },
  );
  await handler(v2(), context());
  expect(logger.entries).toHaveLength(1);
  expect(logger.entries[0]?.message).toContain("secret");
  expect(logger.entries[0]?.function_request_id).toBe("request-1");
});

test("T07 and the line about a refused request", async () => {
  const logger = new Entries();
  const handler = toLambda(ok, { logger });
  await handler(v2({ headers: { host: "a/b" } }), context());
  expect(logger.entries).toEqual([
    expect.objectContaining({
      message: expect.stringContaining("request refused: ERR_HOST"),
      correlation_id: "v2-1",
    }),
  ]);
});

test("a load balancer's correlation id is its trace id", async () => {
  const logger = new Entries();
  const headers = { host: "lb.example", "x-amzn-trace-id": "Root=1-2" };
  const handler = toLambda(
    (environ, startResponse) => {
      environ["wsgi.errors"].write("line\n");
      return ok(environ, startResponse);
    },
    { logger },
  );
  await handler(albSingle({ headers }), context());
  expect(logger.entries[0]?.correlation_id).toBe("Root=1-2");
});

test("T19 the lines of invocations that overlap keep their own ids", async () => {
  const logger = new Entries();
  const handler = toLambda(
    async (environ, startResponse) => {
      environ["wsgi.errors"].write(`${environ.QUERY_STRING}\n`);
      await new Promise((resolve) => setImmediate(resolve));
      environ["wsgi.errors"].write(`${environ.QUERY_STRING}\n`);
      return ok(environ, startResponse);
    },
    { logger },
  );
  const ids = ["a", "b", "c"];
  await Promise.all(
    ids.map((id) => handler(v2({ rawQueryString: id }), context({ awsRequestId: id }))),
  );
  expect(
    logger.entries.map(({ message, function_request_id }) => [message, function_request_id]),
  ).toEqual([...ids, ...ids].map((id) => [id, id]));
});

test("a logger that throws breaks nothing", async () => {
  const logger = {
    error() {
      throw new Error("EPIPE");
    },
  };
  const handler = toLambda(
    (environ, startResponse) => {
      environ["wsgi.errors"].write("line\n");
      return ok(environ, startResponse);
    },
    { logger },
  );
  expect(await handler(v2(), context())).toMatchObject({ statusCode: 200 });
});

test("without a logger the lines go to the console", async () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  await toLambda((environ, startResponse) => {
    environ["wsgi.errors"].write("line\n");
    return ok(environ, startResponse);
  })(v2(), context());
  expect(logged.mock.calls).toEqual([["line"]]);
  logged.mockRestore();
});
