import { toLambda } from "dram/lambda";
import { describe, expect, test } from "vitest";
import { anything } from "../core/exchangehelpers.ts";
import { coded, Log } from "../core/helpers.ts";
import { context, edge, fixture, type Json, lattice1, ok, url, v1, v2 } from "./helpers.ts";

/** What a handler of ours says to an event, the application standing by. */
async function failure(event: unknown): Promise<{ called: boolean; error: unknown }> {
  let called = false;
  const handler = toLambda(
    (environ, startResponse) => {
      called = true;
      return ok(environ, startResponse);
    },
    { errors: new Log() },
  );
  const error: unknown = await handler(event, context()).catch((thrown: unknown) => thrown);
  return { called, error };
}

describe("T14 a malformed event fails the invocation and names the place", () => {
  test.each<[unknown, string]>([
    [null, "the event is null; wanted an object"],
    [undefined, "the event is undefined; wanted an object"],
    ["{}", "the event is a string; wanted an object"],
    [[v2()], "the event is an Array; wanted an object"],
    [{ ...v1(), requestContext: null }, "requestContext of the event is null; wanted an object"],
    [{ ...v2(), requestContext: "a" }, 'requestContext of the event is "a"; wanted an object'],
    [
      { ...v2(), requestContext: {} },
      "requestContext.http of the event is undefined; wanted an object",
    ],
    [v2({ rawPath: 5 }), "rawPath of the event is a number; wanted a string"],
    [v2({}, { method: null }), "requestContext.http.method of the event is null; wanted a string"],
    [v2({ headers: null }), "headers of the event is null; wanted an object"],
    [v2({ cookies: "a=1" }), 'cookies of the event is "a=1"; wanted an array'],
    [v2({ headers: ["a"] }), "headers of the event is an Array; wanted an object"],
    [v2({ headers: { "x-a": {} } }), 'headers["x-a"] of the event is an Object; wanted a string'],
    [v2({ headers: { "x-a": true } }), 'headers["x-a"] of the event is a boolean; wanted a string'],
    [v2({ cookies: ["a=1", 2] }), "cookies[1] of the event is a number; wanted a string"],
    [v2({ rawQueryString: 1 }), "rawQueryString of the event is a number; wanted a string"],
    [v2({ body: {} }), "body of the event is an Object; wanted a string"],
    [v2({ isBase64Encoded: "yes" }), 'isBase64Encoded of the event is "yes"; wanted true or false'],
    [v1({ path: undefined }), "path of the event is undefined; wanted a string"],
    [v1({ httpMethod: 1 }), "httpMethod of the event is a number; wanted a string"],
    [
      v1({ multiValueHeaders: { A: [{}] } }),
      'multiValueHeaders["A"] of the event is an Object; wanted a string',
    ],
    [
      v1({ multiValueQueryStringParameters: { a: [1] } }),
      'multiValueQueryStringParameters["a"] of the event is a number; wanted a string',
    ],
    [
      lattice1({ is_base64_encoded: 1 }),
      "is_base64_encoded of the event is a number; wanted true or false",
    ],
    [edge({ uri: null }), "Records[0].cf.request.uri of the event is null; wanted a string"],
    [
      edge({ headers: { a: "b" } }),
      'Records[0].cf.request.headers["a"] of the event is "b"; wanted an array',
    ],
    [
      { requestContext: { elb: {} }, httpMethod: "GET", path: "/" },
      "headers of the event is undefined; wanted an object (or multiValueHeaders)",
    ],
  ])("%#: %s", async (event, message) => {
    const { called, error } = await failure(event);
    expect([called, error]).toEqual([false, coded("ERR_EVENT")]);
    expect((error as Error).message).toBe(message);
  });
});

describe("an event that is no request", () => {
  test("T14 is refused by the name of what was seen, and how to handle it", async () => {
    const { error } = await failure(fixture("aws-lambda-go/sqs-event"));
    expect((error as Error).message).toBe(
      'the event is no HTTP request that dram knows: its Records[0].eventSource is "aws:sqs"; to handle it, give options.events["aws:sqs"]',
    );
  });

  test.each<[Json, string]>([
    [{}, "it is empty"],
    [{ source: "serverless-plugin-warmup" }, 'its source is "serverless-plugin-warmup"'],
    [{ a: 1, "b\n": 2 }, 'its keys are "a", "b\\n"'],
    [{ Records: [] }, 'its keys are "Records"'],
    [
      edge({}, { eventType: "origin-response" }),
      'its Records[0].cf.config.eventType is "origin-response"',
    ],
    [{ requestContext: {} }, 'its keys are "requestContext"'],
  ])("T14 %j: %s", async (event, seen) => {
    const { called, error } = await failure(event);
    expect(called).toBe(false);
    expect((error as Error).message).toContain(`knows: ${seen}; to handle it`);
  });

  test("is given to its handler, and the handler's answer is the result", async () => {
    const event = fixture("aws-lambda-go/sqs-event");
    const given: unknown[] = [];
    const handler = toLambda(ok, {
      events: {
        async "aws:sqs"(...parameters: [event: unknown, context: unknown]) {
          given.push(...parameters);
          return { batchItemFailures: [{ itemIdentifier: "1" }] };
        },
      },
    });
    const invocation = context();
    expect(await handler(event, invocation)).toEqual({
      batchItemFailures: [{ itemIdentifier: "1" }],
    });
    expect(given[0]).toBe(event);
    expect(given[1]).toBe(invocation);
  });

  test("goes to the handler * if it has no name or no other", async () => {
    const handler = toLambda(ok, { events: { "*": () => "pong" } });
    expect(await handler({ source: "warmup" }, context())).toBe("pong");
    expect(await handler(fixture("aws-lambda-go/s3-event"), context())).toBe("pong");
  });

  test("T11 finds no handler in what every object inherits", async () => {
    const handler = toLambda(ok, { events: {} });
    await expect(handler({ source: "constructor" }, context())).rejects.toThrow(coded("ERR_EVENT"));
  });

  test("a handler that throws fails the invocation with its own error", async () => {
    const failing = new Error("no queue");
    const handler = toLambda(ok, {
      events: {
        "*": () => {
          throw failing;
        },
      },
    });
    await expect(handler({}, context())).rejects.toBe(failing);
  });

  test("a request is never given to a handler", async () => {
    const handler = toLambda(ok, { events: { "*": () => "wrong" } });
    expect(await handler(url(), context())).toMatchObject({ statusCode: 200 });
  });
});

test.each([
  ["logger", { logger: {} }],
  ["logger", { logger: { error() {} }, errors: new Log() }],
  ["deadlineMargin", { deadlineMargin: -1 }],
  ["deadlineMargin", { deadlineMargin: "1" }],
  ["events", { events: 5 }],
  ['events["aws:sqs"]', { events: { "aws:sqs": 1 } }],
  ["maxBodySize", { maxBodySize: -1 }],
])("a malformed option %s is refused", (name, options) => {
  expect(() => toLambda(ok, anything(options))).toThrow(
    expect.objectContaining({
      code: "ERR_OPTION",
      message: expect.stringContaining(`option ${name}`),
    }),
  );
});
