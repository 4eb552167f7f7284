import { type Body, type HeaderList, text } from "dram";
import { describe, expect, test } from "vitest";
import { albMulti, edge, invoke, type Json, url, v1, v2 } from "./helpers.ts";

const LIMIT = 6_291_556;
const MEGABYTE = 1_048_576;

async function answer(
  event: unknown,
  body: Body,
  headers: HeaderList = [],
): Promise<{ result: Json; lines: string[] }> {
  return invoke(event, (_environ, startResponse) => {
    startResponse("200 OK", headers);
    return body;
  });
}

function repeat(size: number): Uint8Array[] {
  return [new Uint8Array(size).fill(0x61)];
}

describe("T13 a response over the limit is a page that says so", () => {
  test.each<[string, Json, number, RegExp]>([
    [
      "Lambda, 6 MB",
      v2(),
      LIMIT,
      /buffered response on Lambda has at most 6291556 bytes; stream it/,
    ],
    [
      "a load balancer, 1 MB",
      albMulti(),
      MEGABYTE,
      /Application Load Balancer has at most 1048576 bytes/,
    ],
    [
      "Lambda@Edge at a viewer request, 40 KB",
      edge(),
      40_960,
      /viewer request, .* at most 40960 bytes/,
    ],
    [
      "Lambda@Edge at an origin request, 1 MB",
      edge({}, { eventType: "origin-request" }),
      MEGABYTE,
      /origin request, .* at most 1048576 bytes/,
    ],
  ])("%s", async (_name, event, size, message) => {
    const { result, lines } = await answer(event, repeat(size));
    expect(String(result.statusCode ?? result.status)).toBe("500");
    expect(result.body).toMatch(message);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(message);
    expect(lines[0]).toMatch(/^dram: GET \/x \(request "request-1"\): ERR_RESPONSE_TOO_LARGE: /);
  });

  test("what is just below it goes out whole", async () => {
    const { result } = await answer(v2(), repeat(LIMIT - 200));
    expect([result.statusCode, (result.body as string).length]).toEqual([200, LIMIT - 200]);
  });

  test("base64 and the escapes of JSON count as they are sent", async () => {
    const bytes = [new Uint8Array(5_000_000).fill(0xff)];
    expect((await answer(v2(), bytes)).result.statusCode).toBe(500);
    expect((await answer(v2(), text("\u0001".repeat(1_100_000)))).result.statusCode).toBe(500);
    expect((await answer(v2(), text("\n".repeat(3_000_000)))).result.statusCode).toBe(200);
  });
});

test("F23 an endless body is no longer pulled past the limit, and closed once", async () => {
  let pulled = 0;
  let closed = 0;
  const { result, lines } = await answer(v2(), {
    *[Symbol.iterator]() {
      for (;;) {
        pulled += 65_536;
        yield new Uint8Array(65_536);
      }
    },
    close() {
      closed++;
    },
  });
  expect([result.statusCode, closed]).toEqual([500, 1]);
  expect(pulled).toBeLessThanOrEqual(LIMIT + 2 * 65_536);
  expect(lines.join("")).toContain("ERR_RESPONSE_TOO_LARGE");
});

describe("F16 response headers", () => {
  const header = (size: number): HeaderList => [["X-A", "a".repeat(size)]];

  test.each<[string, Json, number, number]>([
    ["a REST API", v1(), 10_000, 10_240],
    ["an HTTP API", v2(), 10_000, 10_240],
    ["a load balancer", albMulti(), 32_000, 32_768],
  ])("%s has a limit", async (_name, event, fits, tooMany) => {
    expect((await answer(event, [], header(fits))).result.statusCode).toBe(200);
    const { result, lines } = await answer(event, [], header(tooMany));
    expect(result.statusCode).toBe(500);
    expect(lines.join("")).toContain(`has at most ${tooMany} bytes; send fewer or shorter headers`);
  });

  test("a function URL has none that is known", async () => {
    expect((await answer(url(), [], header(100_000))).result.statusCode).toBe(200);
  });
});
