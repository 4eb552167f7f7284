import { type Body, type Environ, encodeUtf8 } from "../../core/mod.ts";
import { equal, ok, pause, until } from "../check.ts";
import { note } from "../ledger.ts";
import type { Case } from "../types.ts";
import { byPath, expectText, PLAIN, watchLog } from "./answer.ts";

export const closeCases: readonly Case[] = [
  {
    id: "B29",
    name: "close() is called once, after the last chunk",
    application(environ, startResponse) {
      startResponse("200 OK", [PLAIN]);
      return closable(["1", "2"], environ, () => note(environ, "close"));
    },
    async exchange(client) {
      await expectText(client, "/", "12");
      await until(async () => (await client.notes()).includes("close"), "close()");
      equal(await client.notes(), ["1", "2", "end", "close"], "what was done with the body");
    },
  },
  {
    id: "B30",
    name: "an error of close() leaves the response whole, and is logged",
    application: byPath({
      "/throws"(environ, startResponse) {
        startResponse("200 OK", [PLAIN]);
        return closable(["whole"], environ, () => {
          throw new Error("thrown by close");
        });
      },
      "/rejects"(environ, startResponse) {
        startResponse("200 OK", [PLAIN]);
        return closable(["whole"], environ, async () => {
          throw new Error("rejected by close");
        });
      },
    }),
    async exchange(client) {
      for (const path of ["/throws", "/rejects"]) {
        const logged = watchLog(client);
        await expectText(client, path, "whole");
        await logged(/(?:thrown|rejected) by close/);
      }
    },
  },
  {
    id: "B31",
    name: "a client that leaves ends the body, and close() is called",
    needs: ["streaming", "disconnect"],
    application(environ, startResponse) {
      startResponse("200 OK", [PLAIN]);
      return ticking(environ);
    },
    async exchange(client) {
      const reply = await client.send({ path: "/" });
      let received = 0;
      for await (const chunk of reply.chunks) {
        received += chunk.length;
        if (received >= 2) {
          reply.leave();
          break;
        }
      }
      await until(async () => (await client.notes()).includes("finally"), "finally of the body");
      const ticks = (await client.notes()).filter((what) => what === "tick").length;
      ok(ticks < 100, "ticks: found all 100, wanted the body to end early");
    },
  },
];

function closable(
  chunks: readonly string[],
  environ: Environ,
  close: () => void | Promise<void>,
): Body {
  return {
    *[Symbol.iterator](): Generator<Uint8Array, void, void> {
      for (const chunk of chunks) {
        note(environ, chunk);
        yield encodeUtf8(chunk);
      }
      note(environ, "end");
    },
    close,
  };
}

async function* ticking(environ: Environ): AsyncGenerator<Uint8Array, void, void> {
  try {
    for (let tick = 0; tick < 100; tick++) {
      note(environ, "tick");
      yield encodeUtf8("x");
      await pause(50);
    }
  } finally {
    note(environ, "finally");
  }
}
