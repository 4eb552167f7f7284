import type { InputStream, Middleware } from "dram";
import { expect, test } from "vitest";
import { changed, type Fault, run, set, without } from "./faulty.ts";

const FAULTS: readonly Fault[] = [
  ["I01", "tells no length", without("CONTENT_LENGTH"), 'CONTENT_LENGTH: found "absent"'],
  ["I02", "gives what has come", input({ read: (body) => body.read(1000) }), "[1000,1000,"],
  ["I02", "gives the same block", input({ read: repeat }), "blocks: found"],
  ["I03", "loses the end", input({ read: (body) => body.read(5e6) }), '{"length":5000000,'],
  ["I04", "reads text", input({ read: asText }), "[0,1,2"],
  ["I05", "ends lines at CR", input({ readline: (body) => body.read(2) }), '["a\\n","b\\r",'],
  [
    "I06",
    "ends lines with chunks",
    input({ readline: (body) => body.read(4) }),
    '["one ","line"], wanted',
  ],
  ["I07", "ignores size", input({ readline: (body) => body.readline() }), '["hello\\n",'],
  ["I08", "ignores hint", input({ readlines: (body) => body.readlines() }), '"c\\n"],[]], wanted'],
  ["I09", "yields an end", input({ iterate: withEnd }), '["a\\n","b",""], wanted'],
  ["I10", "waits for a body", input({ read: () => never }), "nothing within 1000 ms"],
  ["I11", "waits for all of size", input({ read: waiting }), "nothing within 1000 ms"],
  [
    "I12",
    "makes up a length",
    set({ CONTENT_LENGTH: "13" }),
    "CONTENT_LENGTH: found 13, wanted none",
  ],
  ["I12", "reads nothing without one", input({ read: (body) => body.read(0) }), 'found ""'],
  ["I12", "says nothing", without("wsgi.input_terminated"), '_terminated"]: found undefined'],
  ["I13", "refuses what is not read", () => refused, "status and body: found [413"],
  ["I14", "takes it for whole", input({ read: shortly }), '["5 bytes"], wanted ["rejected"]'],
  ["I15", "mixes reads", input({ read: lastFirst() }), '["def","abc"], wanted'],
  ["I18", "has a body of its own", input({ read: async () => bytes("zz") }), 'found "zz"'],
];

test.each(FAULTS)("%s fails if the gateway %s", async (id, _fault, middleware, message) => {
  await expect(run(id, middleware)).rejects.toThrow(message);
});

test("without a fault they pass", async () => {
  for (const id of new Set(FAULTS.map(([id]) => id))) {
    await run(id, (same) => same);
  }
});

interface Faults {
  read?(body: InputStream, size?: number | null): Promise<Uint8Array>;
  readline?(body: InputStream): Promise<Uint8Array>;
  readlines?(body: InputStream): Promise<Uint8Array[]>;
  iterate?(body: InputStream): AsyncIterator<Uint8Array>;
}

/** The gateway's input with other methods. */
function input({ read, readline, readlines, iterate }: Faults): Middleware {
  return changed((environ) => {
    const body = environ["wsgi.input"];
    environ["wsgi.input"] = {
      read: (size) => read?.(body, size) ?? body.read(size),
      readline: (size) => readline?.(body) ?? body.readline(size),
      readlines: (hint) => readlines?.(body) ?? body.readlines(hint),
      [Symbol.asyncIterator]: () => iterate?.(body) ?? body[Symbol.asyncIterator](),
    };
  });
}

const never = new Promise<never>(() => {});

const refused: ReturnType<Middleware> = (_environ, startResponse) => {
  startResponse("413 Content Too Large", []);
  return [];
};

/** The right sizes, the wrong bytes. */
async function repeat(body: InputStream, size?: number | null): Promise<Uint8Array> {
  return (await body.read(size)).fill(0);
}

async function asText(body: InputStream): Promise<Uint8Array> {
  return bytes(new TextDecoder().decode(await body.read()));
}

async function* withEnd(body: InputStream): AsyncGenerator<Uint8Array> {
  yield* body;
  yield new Uint8Array();
}

async function waiting(body: InputStream, size?: number | null): Promise<Uint8Array> {
  const chunk = await body.read(size);
  return chunk.length < (size ?? 0) ? never : chunk;
}

function shortly(body: InputStream): Promise<Uint8Array> {
  return body.read(5);
}

/** Two reads, of which the second gets the bytes of the first. */
function lastFirst(): NonNullable<Faults["read"]> {
  let whole: Promise<Uint8Array> | undefined;
  return async (body) => {
    if (whole === undefined) {
      whole = body.read();
      return (await whole).subarray(3);
    }
    return (await whole).subarray(0, 3);
  };
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
