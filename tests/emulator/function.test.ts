import type { HeaderList } from "dram";
import { http1Transport } from "dram/conformance/transport";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Gateway } from "../../scripts/lambda/gateway.ts";
import { gateways } from "../../scripts/lambda/gateways.ts";
import { bootLambda, type LambdaSpec, type LambdaTarget } from "../targets/lambda.ts";
import { bytesOf, header, textOf, until } from "../targets/target.ts";

const { url, "url-stream": urlStream } = gateways as Record<string, Gateway>;

/** Boots once for the tests of a group. */
function booted(spec: Partial<LambdaSpec>, module: string): () => LambdaTarget {
  let target: LambdaTarget | undefined;
  beforeAll(async () => {
    target = await bootLambda({
      gateway: url as Gateway,
      module: new URL(module, import.meta.url),
      ...spec,
    });
  });
  afterAll(() => target?.close());
  return () => target as LambdaTarget;
}

const get = ({ port }: LambdaTarget, path: string) =>
  http1Transport(`http://127.0.0.1:${port}`).send({ path });

const ask = async (target: LambdaTarget, path: string): Promise<[number, string]> => {
  const reply = await get(target, path);
  return [reply.status, await textOf(reply)];
};

const REFUSED = '{"message":"Internal server error"}';

describe("a function with one process", () => {
  const target = booted({ timeout: 1000 }, "./function.ts");

  test("keeps it from one invocation to the next", async () => {
    const [[, first], [, second]] = [await ask(target(), "/"), await ask(target(), "/")];
    const [pid, count] = first.split(" ");
    expect(second).toBe(`${pid} ${Number(count) + 1}`);
  });

  test.each([
    ["/throws", "TypeError: thrown by the function"],
    ["/exits", "Runtime.ExitError: the process has ended"],
    ["/hangs", "Sandbox.Timedout: timed out after 1.00 seconds"],
    ["/malformed", 'statusCode: found "two hundred", wanted a whole number from 200 to 599'],
    ["/smuggles", 'Invalid character in header content ["x-a"]'],
    ["/large", "Function.ResponseSizeTooLarge"],
  ])("answers 502 where it %s, says why, and serves the next request", async (path, reason) => {
    expect(await ask(target(), path)).toEqual([502, REFUSED]);
    expect(
      target()
        .log.filter((line) => line.startsWith(`GET ${path}: `))
        .join(),
    ).toContain(reason);
    expect((await get(target(), "/")).status).toBe(200);
  });

  test("that returns nothing has answered null", async () => {
    expect(await ask(target(), "/nothing")).toEqual([200, "null"]);
  });

  test("takes no event of more than 6 MB", async () => {
    const body = new Uint8Array(4_720_000);
    const { port } = target();
    const send = http1Transport(`http://127.0.0.1:${port}`).send;
    expect((await send({ method: "POST", path: "/", body })).status).toBe(413);
  });

  test("has requests wait for each other", async () => {
    const answers = await Promise.all([ask(target(), "/slow"), ask(target(), "/slow")]);
    expect(new Set(answers.map(([, text]) => text.split(" ")[0])).size).toBe(1);
  });
});

describe("a function with several processes", () => {
  const target = booted({ concurrency: 2 }, "./function.ts");

  test("has one for each invocation under way", async () => {
    const answers = await Promise.all([ask(target(), "/slow"), ask(target(), "/slow")]);
    expect(new Set(answers.map(([, text]) => text.split(" ")[0])).size).toBe(2);
  });
});

test.each([
  ["alb", { method: "POST", path: "/", body: new Uint8Array(1_048_577) }, 413],
  ["rest", { path: "/", headers: [["X-Long", "x".repeat(10_240)]] satisfies HeaderList }, 431],
])("what passes the bounds of %s reaches no function", async (name, request, status) => {
  const target = await bootLambda({
    gateway: gateways[name] as Gateway,
    module: new URL("./function.ts", import.meta.url),
  });
  try {
    const reply = await http1Transport(`http://127.0.0.1:${target.port}`).send(request);
    expect(reply.status).toBe(status);
  } finally {
    await target.close();
  }
});

describe("a function that streams", () => {
  const target = booted({ gateway: urlStream as Gateway }, "./streamfunction.ts");

  test("has its head and its chunks sent on", async () => {
    const reply = await get(target(), "/");
    expect([reply.status, await textOf(reply)]).toEqual([201, "streamed"]);
    expect(header(reply, "set-cookie")).toEqual(["a=1", "b=2"]);
    expect(header(reply, "transfer-encoding")).toEqual(["chunked"]);
    expect(header(reply, "x-word")).toEqual([Buffer.from("Grüße").toString("latin1")]);
  });

  test("may have no head", async () => {
    const reply = await get(target(), "/plain");
    expect([reply.status, await textOf(reply)]).toEqual([200, "no head"]);
    expect(header(reply, "content-type")).toEqual(["application/octet-stream"]);
  });

  test.each(["/headless", "/early"])("that gives no head, as %s does, is 502", async (path) => {
    expect(await ask(target(), path)).toEqual([502, REFUSED]);
  });

  test("that breaks behind the head breaks what the client reads", async () => {
    const reply = await get(target(), "/breaks");
    expect(reply.status).toBe(201);
    await expect(textOf(reply)).rejects.toThrow("aborted");
    const broken = "GET /breaks: the function failed in the middle of its response: TypeError";
    await until(() => target().log.includes(broken));
  });

  test("may stream more than a result can hold", async () => {
    expect(await bytesOf(await get(target(), "/large"))).toHaveLength(8_388_608);
  });

  test("goes on when the client has left", async () => {
    const reply = await get(target(), "/large");
    reply.leave();
    expect(await ask(target(), "/")).toEqual([201, "streamed"]);
  });
});

describe("a function that streams to a gateway that does not", () => {
  const target = booted({}, "./streamfunction.ts");

  test("is 502, for what it streams is no JSON", async () => {
    expect(await ask(target(), "/")).toEqual([502, REFUSED]);
  });
});
