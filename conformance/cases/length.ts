import { type Environ, encodeUtf8, type HeaderList, type StartResponse } from "../../core/mod.ts";
import { equal, ok, until } from "../check.ts";
import { note } from "../ledger.ts";
import { header } from "../reply.ts";
import type { Case, Client } from "../types.ts";
import { byPath, expectInSync, expectText, PLAIN, readUntilBreak, watchLog } from "./answer.ts";
import { noteWrite } from "./write.ts";

export const lengthCases: readonly Case[] = [
  {
    id: "B25",
    name: "bytes beyond Content-Length are not sent",
    application: byPath({
      "/array"(_environ, startResponse) {
        startResponse("200 OK", announcing(3));
        return [encodeUtf8("12"), encodeUtf8("345")];
      },
      "/closable"(_environ, startResponse) {
        startResponse("200 OK", announcing(3));
        return Object.assign([encodeUtf8("12345")], { close() {} });
      },
      "/iterable": (environ, startResponse) => yielding(environ, startResponse, 3, ["12345"]),
    }),
    async exchange(client) {
      for (const path of ["/array", "/closable", "/iterable"]) {
        const found = header(await expectText(client, path, "123"), "content-length");
        ok(found === undefined || found === "3", `Content-Length: found ${found}, wanted 3`);
        const body = "(?:123|3\\r\\n123\\r\\n0\\r\\n\\r\\n)";
        await expectInSync(client, { method: "GET", path, status: 200, body });
      }
      const notes = await settledNotes(client, client.lacks("wire") ? 1 : 3);
      equal([...new Set(notes)], ["closed"], "what the bodies were asked for");
    },
  },
  {
    id: "B26",
    name: "a body that has produced its Content-Length is not asked for more",
    application: byPath({
      "/one-chunk": (environ, startResponse) => yielding(environ, startResponse, 4, ["0123"]),
      "/two-chunks": (environ, startResponse) => yielding(environ, startResponse, 4, ["01", "23"]),
    }),
    async exchange(client) {
      await expectText(client, "/one-chunk", "0123");
      await expectText(client, "/two-chunks", "0123");
      equal(await settledNotes(client, 2), ["closed", "closed"], "what the bodies were asked for");
    },
  },
  {
    id: "B27",
    name: "a body shorter than Content-Length is no whole one, and is logged",
    application: byPath({
      "/array"(_environ, startResponse) {
        startResponse("200 OK", announcing(10));
        return [encodeUtf8("hello")];
      },
      "/iterable": (environ, startResponse) => yielding(environ, startResponse, 10, ["hello"]),
    }),
    async exchange(client) {
      for (const path of ["/array", "/iterable"]) {
        const logged = watchLog(client);
        const reply = await client.send({ path });
        const { text, broken } = await readUntilBreak(reply);
        ok(
          reply.status >= 500 || broken,
          `${path}: found a whole answer, ${reply.status} ${JSON.stringify(text)}`,
        );
        await logged(/content-length/i);
      }
    },
  },
  {
    id: "B28",
    name: "a write beyond Content-Length is refused",
    async application(environ, startResponse) {
      const write = startResponse("200 OK", announcing(3));
      await noteWrite(environ, write, "12345");
      return [];
    },
    async exchange(client) {
      const { text } = await readUntilBreak(await client.send({ path: "/" }));
      ok("123".startsWith(text), `body: found ${JSON.stringify(text)}, wanted 123 at most`);
      equal(await client.notes(), ["refused"], "what became of the write");
    },
  },
];

function announcing(length: number): HeaderList {
  return [PLAIN, ["Content-Length", String(length)]];
}

/** A body that notes whether it is asked for more than it has, and its end. */
function* yielding(
  environ: Environ,
  startResponse: StartResponse,
  length: number,
  chunks: readonly string[],
): Generator<Uint8Array, void, void> {
  try {
    startResponse("200 OK", announcing(length));
    for (const chunk of chunks) {
      yield encodeUtf8(chunk);
    }
    note(environ, "asked for more");
  } finally {
    note(environ, "closed");
  }
}

/** The notes, when all of these bodies have ended. */
async function settledNotes(client: Client, bodies: number): Promise<readonly string[]> {
  let notes: readonly string[] = [];
  await until(async () => {
    notes = await client.notes();
    return notes.filter((what) => what === "closed").length >= bodies;
  }, `the end of ${bodies} bodies`);
  return notes;
}
