import { encodeUtf8, text } from "../../core/mod.ts";
import { equal, pause, until } from "../check.ts";
import { note, notesOf } from "../ledger.ts";
import { header, textOf } from "../reply.ts";
import type { Case, Client } from "../types.ts";

const PLAIN: [string, string] = ["Content-Type", "text/plain; charset=utf-8"];
const PARALLEL = 20;

export const logCases: readonly Case[] = [
  {
    id: "X08",
    name: "wsgi.errors takes any text and brings it to the log",
    application(environ, startResponse) {
      const errors = environ["wsgi.errors"];
      const run = environ.HTTP_X_DRAM_RUN;
      errors.write(`${run} arrow \u2192 surrogate \ud800 end\n`);
      errors.writelines([`${run} first\n`, `${run} sec`, "ond\n"]);
      errors.write(`${run} unfinished`);
      const flushed = errors.flush();
      startResponse("200 OK", [PLAIN]);
      return Promise.resolve(flushed).then(() => text(run ?? ""));
    },
    async exchange(client) {
      const reply = await client.send({ path: "/" });
      equal(reply.status, 200, "status");
      const run = await textOf(reply);
      await logged(client, [
        `${run} arrow \u2192 surrogate \ufffd end`,
        `${run} first`,
        `${run} second`,
        `${run} unfinished`,
      ]);
    },
  },
  {
    id: "X09",
    name: "requests in flight together do not mix",
    needs: ["concurrency"],
    application(environ, startResponse) {
      const id = environ.HTTP_X_ID ?? "";
      const errors = environ["wsgi.errors"];
      note(environ, "arrived");
      return (async function* () {
        // Nobody goes on before all are there.
        await until(() => notesOf(environ).length === PARALLEL, "the requests in flight together");
        errors.write(`${id} `);
        await pause(differing(id));
        startResponse("200 OK", [PLAIN, ["X-Id", id]]);
        yield encodeUtf8(id);
        await pause(differing(id));
        errors.write(`and still ${id}\n`);
        yield encodeUtf8(id);
        await pause(differing(id));
        yield encodeUtf8(environ.HTTP_X_ID ?? "no id");
      })();
    },
    async exchange(client) {
      const ids = Array.from(
        { length: PARALLEL },
        (_, index) => `${crypto.randomUUID()}-${index}!`,
      );
      const found = await Promise.all(ids.map((id) => echoed(client, id)));
      equal(
        found.map(({ field, body }) => [field, body]),
        ids.map((id) => [id, `${id}${id}${id}`]),
        "header and body of each response",
      );
      await logged(
        client,
        ids.map((id) => `${id} and still ${id}`),
      );
    },
  },
];

/** Waits until each text stands in a line of the gateway's log, if the target lets it be seen. */
export async function logged({ target }: Client, texts: readonly string[]): Promise<void> {
  for (const wanted of texts) {
    const isThere = (): boolean => target.log?.some((line) => line.includes(wanted)) ?? true;
    await until(isThere, `a log line with ${wanted}`);
  }
}

async function echoed(client: Client, id: string): Promise<{ field?: string; body: string }> {
  const reply = await client.send({ path: "/", headers: [["X-Id", id]] });
  const field = header(reply, "x-id");
  return { ...(field === undefined ? {} : { field }), body: await textOf(reply) };
}

/** 0 to 30 ms, so that the requests overtake each other. */
function differing(id: string): number {
  return (Number(id.slice(37, -1)) * 17) % 31;
}
