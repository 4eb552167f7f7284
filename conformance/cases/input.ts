import { encodeUtf8, type InputStream } from "../../core/mod.ts";
import { equal } from "../check.ts";
import { bytesOf, header, textOf } from "../reply.ts";
import type { Case } from "../types.ts";
import { jsonOf, native, reading } from "./answers.ts";
import { framingCases } from "./framing.ts";

export const inputCases: readonly Case[] = [
  {
    id: "I01",
    name: "read(CONTENT_LENGTH) gives the whole form",
    async application(environ, startResponse) {
      const { CONTENT_LENGTH, CONTENT_TYPE = "absent" } = environ;
      const form = native(await environ["wsgi.input"].read(Number(CONTENT_LENGTH ?? 0)));
      startResponse("200 OK", [
        ["Content-Type", "text/plain"],
        ["X-Content-Length", CONTENT_LENGTH ?? "absent"],
        ["X-Content-Type", CONTENT_TYPE],
      ]);
      return [encodeUtf8(`Hello, ${form}`)];
    },
    async exchange(client) {
      const type = "application/x-www-form-urlencoded";
      const reply = await client.send({
        method: "POST",
        path: "/",
        headers: [["Content-Type", type]],
        body: encodeUtf8("name=tatsuhiko"),
      });
      equal(reply.status, 200, "status");
      equal(header(reply, "x-content-length"), "14", "CONTENT_LENGTH");
      equal(header(reply, "x-content-type"), type, "CONTENT_TYPE");
      equal(await textOf(reply), "Hello, name=tatsuhiko", "body");
    },
  },
  {
    id: "I02",
    name: "read(size) gives exactly as many bytes until the body ends",
    application: reading(async (input) => {
      const whole = new Uint8Array(96_000);
      const sizes: number[] = [];
      for (let total = 0; ; ) {
        const block = await input.read(4096);
        sizes.push(block.length);
        if (block.length === 0) {
          return { sizes, digest: await digestOf(whole) };
        }
        whole.set(block, total);
        total += block.length;
      }
    }),
    async exchange(client) {
      const body = noise(96_000);
      const found = await jsonOf(client, { method: "POST", path: "/", body });
      const sizes = [...new Array(23).fill(4096), 1792, 0];
      equal(found, { sizes, digest: await digestOf(body) }, "blocks");
    },
  },
  {
    id: "I03",
    name: "read() gives a body of megabytes whole",
    application: reading(async (input) => {
      const whole = await input.read();
      return { length: whole.length, digest: await digestOf(whole) };
    }),
    async exchange(client) {
      const { maxBody = Number.POSITIVE_INFINITY } = client.target;
      const body = noise(Math.min(5 * 1024 * 1024, maxBody));
      const found = await jsonOf(client, { method: "POST", path: "/", body });
      equal(found, { length: body.length, digest: await digestOf(body) }, "body");
    },
  },
  {
    id: "I04",
    name: "every byte value arrives as it is",
    async application(environ, startResponse) {
      const whole = await environ["wsgi.input"].read();
      startResponse("200 OK", [["Content-Type", "application/octet-stream"]]);
      return [whole];
    },
    async exchange(client) {
      const body = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const reply = await client.send({ method: "POST", path: "/", body });
      equal(await bytesOf(reply), body, "body");
    },
  },
  bodyCase(
    "I05",
    "readline() ends lines at LF alone, and is empty at the end",
    "a\nb\r\nc",
    async (input) => [
      native(await input.readline()),
      native(await input.readline()),
      native(await input.readline()),
      native(await input.readline()),
    ],
    ["a\n", "b\r\n", "c", ""],
  ),
  bodyCase(
    "I07",
    "readline(size) stops within a line, and the rest is still to be read",
    "hello\nworld",
    async (input) => [
      native(await input.readline(3)),
      native(await input.readline(10)),
      native(await input.read(2)),
      native(await input.read()),
    ],
    ["hel", "lo\n", "wo", "rld"],
  ),
  bodyCase(
    "I08",
    "readlines(hint) stops after the line that reaches hint bytes",
    "a\nb\nc\n",
    async (input) => [
      (await input.readlines(3)).map(native),
      (await input.readlines()).map(native),
    ],
    [["a\n", "b\n"], ["c\n"]],
  ),
  {
    id: "I09",
    name: "iteration gives lines, and none of an empty body",
    application: reading(async (input) => {
      const lines: string[] = [];
      for await (const line of input) {
        lines.push(native(line));
      }
      return lines;
    }),
    async exchange(client) {
      const post = { method: "POST", path: "/" };
      equal(await jsonOf(client, { ...post, body: encodeUtf8("a\nb") }), ["a\n", "b"], "lines");
      equal(await jsonOf(client, { ...post, body: new Uint8Array() }), [], "lines of no bytes");
      equal(await jsonOf(client, { path: "/" }), [], "lines of a GET without a body");
    },
  },
  {
    id: "I10",
    name: "without a body every read is empty at once",
    application: reading(async (input) =>
      promptly(
        (async () => [
          native(await input.read()),
          native(await input.read(5)),
          native(await input.readline()),
        ])(),
      ),
    ),
    async exchange(client) {
      equal(await jsonOf(client, { path: "/" }), ["", "", ""], "read(), read(5), readline()");
    },
  },
  bodyCase(
    "I11",
    "a read past the end gives what is there at once, then nothing",
    "abcde",
    (input) =>
      promptly((async () => [native(await input.read(100)), native(await input.read(100))])()),
    ["abcde", ""],
  ),
  bodyCase(
    "I15",
    "reads that are not awaited take their bytes in the order of the calls",
    "abcdef",
    async (input) => (await Promise.all([input.read(3), input.read(3)])).map(native),
    ["abc", "def"],
  ),
  ...framingCases,
];

/** One request with a body, and what an application reads of it. */
function bodyCase(
  id: string,
  name: string,
  body: string,
  read: (input: InputStream) => Promise<unknown>,
  wanted: unknown,
): Case {
  return {
    id,
    name,
    application: reading(read),
    async exchange(client) {
      const request = { method: "POST", path: "/", body: encodeUtf8(body) };
      equal(await jsonOf(client, request), wanted, `what was read of ${JSON.stringify(body)}`);
    },
  };
}

/** What a promise gives, unless it takes so long that it waits for what never comes. */
async function promptly(promise: Promise<unknown>): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, 1000, "nothing within 1000 ms");
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Bytes that neither repeat nor compress, the same every time. */
function noise(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    // Numerical Recipes' linear congruential generator; the high bits are the random ones.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

async function digestOf(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
