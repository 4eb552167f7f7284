import { type Application, encodeUtf8, mapBody, mapWrites } from "../../core/mod.ts";
import { equal, until } from "../check.ts";
import { note } from "../ledger.ts";
import { header, textOf } from "../reply.ts";
import type { Case } from "../types.ts";

export const middlewareCases: readonly Case[] = [
  {
    id: "X15",
    name: "middleware that changes the length of a body forwards its close()",
    application(environ, startResponse) {
      const application: Application = (_environ, start) => {
        start("200 OK", [
          ["Content-Type", "text/plain"],
          ["Content-Length", "10"],
        ]);
        return {
          *[Symbol.iterator](): Generator<Uint8Array, void, void> {
            yield encodeUtf8("hello");
            yield encodeUtf8("world");
          },
          close() {
            note(environ, "close");
          },
        };
      };
      return shouting(application)(environ, startResponse);
    },
    async exchange(client) {
      const reply = await client.send({ path: "/" });
      equal(await textOf(reply), "HELLO! WORLD! ", "the body");
      const length = header(reply, "content-length") ?? "14";
      equal(length, "14", "Content-Length, where there is one");
      await until(async () => (await client.notes()).length > 0, "close() of the inner body");
      equal(await client.notes(), ["close"], "calls of close() of the inner body");
    },
  },
];

/** Two bytes more for every chunk. */
function shouting(application: Application): Application {
  const shout = (chunk: Uint8Array): Uint8Array =>
    encodeUtf8(`${new TextDecoder().decode(chunk).toUpperCase()}! `);
  return (environ, startResponse) =>
    mapBody(application(environ, mapWrites(startResponse, shout)), shout);
}
