import { type Environ, encodeUtf8, type Write } from "../../core/mod.ts";
import { equal, ok, pause } from "../check.ts";
import { note } from "../ledger.ts";
import { header, textOf } from "../reply.ts";
import type { Case } from "../types.ts";
import { byPath, expectBreak, expectText, PLAIN, SIZED } from "./answer.ts";

/** Kept from one request, to be called in the next. */
let saved: Write | undefined;

export const writeCases: readonly Case[] = [
  {
    id: "B20",
    name: "what was written comes before what is returned, and no length is made of the latter",
    async application(_environ, startResponse) {
      const write = startResponse("200 OK", [PLAIN]);
      await write(encodeUtf8("a"));
      await write(encodeUtf8("b"));
      return [encodeUtf8("c")];
    },
    async exchange(client) {
      const length = header(await expectText(client, "/", "abc"), "content-length");
      // A web server that frames bodies itself counts one that has come whole.
      const framed = client.lacks("framing") && !client.lacks("wire");
      const counted = client.lacks("streaming") || framed;
      ok(
        length === undefined || (length === "3" && counted),
        `Content-Length: found ${length}, wanted none`,
      );
    },
  },
  {
    id: "B21",
    name: "the write of an earlier request is refused",
    needs: ["sharedProcess"],
    application: byPath({
      "/first"(_environ, startResponse) {
        saved = startResponse("200 OK", [PLAIN]);
        return [encodeUtf8("first")];
      },
      async "/second"(environ, startResponse) {
        const write = saved;
        if (write === undefined) {
          throw new Error("GET /first reached another process");
        }
        // Before a call of startResponse there is no other write to be had.
        await noteWrite(environ, write, "intruder");
        startResponse("200 OK", [PLAIN]);
        return [encodeUtf8("second")];
      },
    }),
    async exchange(client) {
      await expectText(client, "/first", "first");
      await expectText(client, "/second", "second");
      equal(await client.notes(), ["refused"], "what the write of the first request did");
    },
  },
  {
    id: "B22",
    name: "an empty write sends the headers, before there is a body",
    needs: ["streaming"],
    async application(_environ, startResponse) {
      const write = startResponse("200 OK", [PLAIN]);
      await write(encodeUtf8(""));
      await pause(500);
      return [encodeUtf8("body")];
    },
    async exchange(client) {
      const reply = await client.send({ path: "/" });
      const headed = performance.now();
      equal([reply.status, await textOf(reply)], [200, "body"], "status and body");
      const ahead = Math.round(performance.now() - headed);
      ok(ahead >= 150, `the headers came ${ahead} ms before the end, wanted 150 ms or more of 500`);
    },
  },
  {
    id: "B23",
    name: "writes that are not awaited keep their order",
    application(_environ, startResponse) {
      const write = startResponse("200 OK", [PLAIN]);
      write(encodeUtf8("1"));
      write(encodeUtf8("2"));
      write(encodeUtf8("3"));
      return [];
    },
    async exchange(client) {
      await expectText(client, "/", "123");
    },
  },
  {
    id: "B24",
    name: "an error after a write breaks the body behind it, and is logged",
    application: byPath({
      "/"(_environ, startResponse) {
        const write = startResponse("200 OK", [PLAIN]);
        write(encodeUtf8("a"));
        throw new Error("thrown after a write");
      },
      async "/sized"(_environ, startResponse) {
        const write = startResponse("200 OK", [PLAIN, SIZED]);
        await write(encodeUtf8("a"));
        throw new Error("thrown after a write");
      },
    }),
    async exchange(client) {
      await expectBreak(client, "a", /thrown after a write/);
    },
  },
];

/** Writes, and notes whether it was refused: by a throw or by a rejection. */
export async function noteWrite(environ: Environ, write: Write, text: string): Promise<void> {
  try {
    await write(encodeUtf8(text));
    note(environ, "accepted");
  } catch {
    note(environ, "refused");
  }
}
