import {
  type Application,
  type Body,
  type Environ,
  encodeUtf8,
  type FileLike,
} from "../../core/mod.ts";
import { equal, ok, until } from "../check.ts";
import { note } from "../ledger.ts";
import { bytesOf, textOf } from "../reply.ts";
import type { Case, Client } from "../types.ts";

const SIZE = 20_000;

export const fileCases: readonly Case[] = [
  {
    id: "X01",
    name: "wsgi.file_wrapper sends a file and closes it once",
    application(environ, startResponse) {
      startResponse("200 OK", [["Content-Type", "application/octet-stream"]]);
      return wrapped(environ, memoryFile(environ), 8192);
    },
    async exchange(client) {
      const reply = await client.send({ path: "/" });
      equalContent(await bytesOf(reply), content());
      await closedOnce(client);
    },
  },
  {
    id: "X02",
    name: "wsgi.file_wrapper starts at the position of the file",
    async application(environ, startResponse) {
      startResponse("200 OK", [["Content-Type", "application/octet-stream"]]);
      const file = asyncFile(memoryFile(environ));
      await file.read(100);
      return wrapped(environ, file, 8192);
    },
    async exchange(client) {
      const reply = await client.send({ path: "/" });
      equalContent(await bytesOf(reply), content().subarray(100));
      await closedOnce(client);
    },
  },
  {
    id: "X03",
    name: "wsgi.file_wrapper stops at Content-Length",
    application(environ, startResponse) {
      startResponse("200 OK", [
        ["Content-Type", "application/octet-stream"],
        ["Content-Length", "10"],
      ]);
      return wrapped(environ, memoryFile(environ));
    },
    async exchange(client) {
      const reply = await client.send({ path: "/" });
      equal(await bytesOf(reply), content().subarray(0, 10), "the body");
      await closedOnce(client);
    },
  },
  {
    id: "X04",
    name: "a file wrapper that middleware has wrapped is iterated",
    application(environ, startResponse) {
      const application = shouting((inner, start) => {
        start("200 OK", [["Content-Type", "text/plain"]]);
        return wrapped(inner, memoryFile(environ, encodeUtf8("one two three")), 5);
      });
      return application(environ, startResponse);
    },
    async exchange(client) {
      const reply = await client.send({ path: "/" });
      equal(await textOf(reply), "ONE TWO THREE", "the body");
      await closedOnce(client);
    },
  },
  {
    id: "X05",
    name: "a file wrapper that is not returned sends nothing",
    application(environ, startResponse) {
      startResponse("200 OK", [["Content-Type", "text/plain"]]);
      wrapped(environ, memoryFile(environ), 8192);
      return [encodeUtf8("another body")];
    },
    async exchange(client) {
      const reply = await client.send({ path: "/" });
      equal(await textOf(reply), "another body", "the body");
      equal(await client.notes(), [], "what was done with the file");
    },
  },
];

/** `environ["wsgi.file_wrapper"]` is optional; without it an application does the same by hand. */
function wrapped(environ: Environ, file: FileLike, blockSize = 8192): Body {
  const wrapper = environ["wsgi.file_wrapper"];
  if (wrapper !== undefined) {
    return wrapper(file, blockSize);
  }
  return {
    async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
      for (
        let block = await file.read(blockSize);
        block?.length;
        block = await file.read(blockSize)
      ) {
        yield block;
      }
    },
    close: () => file.close?.(),
  };
}

function content(): Uint8Array {
  return Uint8Array.from({ length: SIZE }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
}

interface MemoryFile {
  read(size: number): Uint8Array;
  close(): void;
}

/** Something like a file that notes what is done with it. */
function memoryFile(environ: Environ, bytes: Uint8Array = content()): MemoryFile {
  let position = 0;
  return {
    read(size) {
      note(environ, "read");
      const block = bytes.slice(position, position + size);
      position += block.length;
      return block;
    },
    close() {
      note(environ, "close");
    },
  };
}

function asyncFile(file: MemoryFile): FileLike {
  return { read: async (size) => file.read(size), close: async () => file.close() };
}

/** Middleware that changes the bytes of a body, written by hand as middleware often is. */
function shouting(application: Application): Application {
  return async (environ, startResponse) => {
    const body = await application(environ, startResponse);
    return {
      async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
        for await (const chunk of body) {
          yield chunk.map((byte) => (byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte));
        }
      },
      close: () => body.close?.(),
    };
  };
}

/** Too long to be shown. */
function equalContent(found: Uint8Array, wanted: Uint8Array): void {
  equal(found.length, wanted.length, "the length of the body");
  const wrong = found.findIndex((byte, index) => byte !== wanted[index]);
  ok(wrong === -1, `the body differs from the file at byte ${wrong}`);
}

async function closedOnce(client: Client): Promise<void> {
  const closes = async (): Promise<number> =>
    (await client.notes()).filter((what) => what === "close").length;
  await until(async () => (await closes()) > 0, "close() of the file");
  equal(await closes(), 1, "calls of close() of the file");
}
