import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasSites } from "../../targets/pythonsite.ts";
import type { Target, TestRequest } from "../../targets/target.ts";
import { type Answer, ask } from "./answer.ts";
import { gunicorn, node, nodeProcess } from "./targets.ts";

/** Keys that are a server's own. */
const OF_THE_SERVER = /^(dram|gunicorn|node)\./;

/** Keys that two servers give differently. */
const NOT_COMPARED: Readonly<Record<string, string>> = {
  GATEWAY_INTERFACE: "gunicorn has none",
  HTTP_TRANSFER_ENCODING: "dram keeps back what was true on the connection alone",
  REMOTE_PORT: "each request has its own connection",
  REQUEST_URI: "gunicorn has it as RAW_URI alone",
  SERVER_PORT: "two servers have two ports",
  SERVER_SOFTWARE: "each has its name",
  "wsgi.multiprocess": "dram does not know whether there are others",
};

interface Plan {
  readonly read: string;
  readonly size: number;
  readonly status: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly counted: boolean;
  readonly blocks: readonly number[];
  readonly form: string;
}

describe.runIf(hasSites("gunicorn")).each([node, nodeProcess])("on $name", ({ boot }) => {
  let oracle: Target;
  let dram: Target;

  beforeAll(async () => {
    oracle = await gunicorn.boot("mirror:application");
    dram = await boot("mirror:application");
  });

  afterAll(async () => {
    await oracle?.close();
    await dram?.close();
  });

  test("any request is told, and any answer given, as gunicorn does", async () => {
    await fc.assert(
      fc.asyncProperty(requests(), plans(), async (request, plan) => {
        const planned = {
          ...request,
          headers: [...(request.headers ?? []), ["X-Plan", JSON.stringify(plan)] as const],
        };
        const wanted = await told(oracle, planned, plan);
        expect(await told(dram, planned, plan)).toEqual(wanted);
      }),
      { seed: 3333, numRuns: 300 },
    );
  }, 120_000);
});

/** An answer, its environ apart from the rest of it. */
async function told(
  target: Target,
  request: TestRequest,
  { counted }: Plan,
): Promise<Answer & { environ: Record<string, unknown> | undefined }> {
  const { headers, body, ...rest } = await ask(target, request);
  const end = body.indexOf("\n");
  return {
    ...rest,
    // A server may count what the application has not.
    headers: headers.filter((line) => counted || !line.startsWith("content-length: ")),
    environ: end === -1 ? undefined : compared(JSON.parse(body.slice(0, end))),
    body: body.slice(end),
  };
}

function compared(environ: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(environ).filter(([key]) => !OF_THE_SERVER.test(key) && !(key in NOT_COMPARED)),
  );
}

function requests(): fc.Arbitrary<TestRequest> {
  return fc
    .record({
      method: fc.constantFrom("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "REPORT"),
      segments: fc.array(escaped("!$&'()*+,;=:@"), { minLength: 1, maxLength: 4 }),
      query: fc.option(escaped("!$&'()*+,;=:@/?"), { nil: undefined }),
      headers: fields(),
      body: fc.option(fc.uint8Array({ maxLength: 3000 }).map(withLines), { nil: undefined }),
      pieces: fc.option(
        fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 6 }),
        {
          nil: undefined,
        },
      ),
    })
    .map(({ method, segments, query, headers, body, pieces }) => ({
      method,
      path: `/${segments.join("/")}${query === undefined ? "" : `?${query}`}`,
      headers,
      ...(body === undefined ? {} : { body: pieces === undefined ? body : inPieces(body, pieces) }),
    }));
}

function plans(): fc.Arbitrary<Plan> {
  return fc.record({
    read: fc.constantFrom("nothing", "all", "pieces", "lines", "readlines", "iterated", "mixed"),
    size: fc.integer({ min: 1, max: 2000 }),
    status: fc.constantFrom(
      "200 OK",
      "201 Made it",
      "204 No Content",
      "304 Not Modified",
      "404 ",
      "503 \u00e9",
    ),
    headers: fields(),
    counted: fc.boolean(),
    blocks: fc.array(fc.integer({ min: 0, max: 9000 }), { maxLength: 5 }),
    form: fc.constantFrom("generator", "returned", "written"),
  });
}

/** What a path or a query may be made of: plain characters, escapes of any byte, and escapes that are none. */
function escaped(others: string): fc.Arbitrary<string> {
  const part = fc.oneof(
    fc.constantFrom(...`abcXYZ019-._~${others}`),
    fc
      .integer({ min: 0x20, max: 0xff })
      .filter((byte) => byte !== 0x7f)
      .map((byte) => `%${byte.toString(16)}`),
    fc.constantFrom("%", "%%", "%zz", "%a", "%C3%A9", "%2F", "%25"),
  );
  return fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(""));
}

/** Header fields, each name once: servers join in two ways. */
function fields(): fc.Arbitrary<(readonly [string, string])[]> {
  const name = fc.stringMatching(/^X(-[A-Za-z0-9]{1,6}){1,3}$/);
  const inner = fc.integer({ min: 0x20, max: 0xff }).filter((byte) => byte !== 0x7f);
  const value = fc
    .array(inner, { maxLength: 20 })
    .map((bytes) => String.fromCharCode(...bytes).trim());
  return fc.uniqueArray(fc.tuple(name, value), {
    maxLength: 5,
    selector: ([found]) => found.toLowerCase(),
  });
}

function withLines(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => (byte % 11 === 0 ? 0x0a : byte));
}

function inPieces(body: Uint8Array, sizes: readonly number[]): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      let at = 0;
      for (const size of [...sizes, body.length]) {
        if (at < body.length) {
          yield body.subarray(at, at + size);
        }
        at += size;
      }
    },
  };
}
