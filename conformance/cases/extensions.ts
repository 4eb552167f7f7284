import { encodeUtf8, type HeaderList, text } from "../../core/mod.ts";
import { equal, ok, pause, rejects, until } from "../check.ts";
import { header, textOf, valuesOf } from "../reply.ts";
import type { Case } from "../types.ts";
import { fileCases } from "./files.ts";
import { logCases, logged } from "./log.ts";
import { count, recall, remembering } from "./memory.ts";
import { middlewareCases } from "./middleware.ts";
import { upgradeCases } from "./upgrade.ts";
import { uriCases } from "./uri.ts";

const PLAIN: [string, string] = ["Content-Type", "text/plain; charset=utf-8"];

const keyCases: readonly Case[] = [
  {
    id: "X10",
    name: "wsgi.early_hints, where it is present, sends 103 before the response",
    async application(environ, startResponse) {
      const hints = environ["wsgi.early_hints"];
      if (isSender(hints)) {
        await rejects(
          (async () => hints([["Link", "</x>\r\nX-Evil: 1"]]))(),
          "early hints with a line break in a value",
        );
        await hints([
          ["Link", "</a.css>; rel=preload; as=style"],
          ["Link", "</b.js>; rel=preload; as=script"],
        ]);
      }
      startResponse("200 OK", [PLAIN, ["X-Present", String(hints !== undefined)]]);
      return text("after the hints");
    },
    async exchange(client) {
      const reply = await client.send({ path: "/" });
      equal(reply.status, 200, "status");
      equal(await textOf(reply), "after the hints", "the body");
      const has = !client.lacks("earlyHints");
      equal(header(reply, "x-present"), String(has), "whether wsgi.early_hints is in environ");
      equal(
        reply.interim.map(({ status }) => status),
        has ? [103] : [],
        "interim responses",
      );
      for (const interim of reply.interim) {
        equal(
          header(interim, "link"),
          "</a.css>; rel=preload; as=style, </b.js>; rel=preload; as=script",
          "Link of the early hints",
        );
      }
    },
  },
  {
    id: "X11",
    name: "dram.trailers, where it is present, sends fields behind the body",
    application(environ, startResponse) {
      const trailers = environ["dram.trailers"];
      startResponse("200 OK", [PLAIN, ["X-Present", String(trailers !== undefined)]]);
      return (async function* () {
        yield encodeUtf8("counted ");
        yield encodeUtf8("bytes");
        if (isSender(trailers)) {
          await trailers([
            ["X-Checksum", "13"],
            ["X-Second", "caf\u00e9"],
          ]);
        }
      })();
    },
    async exchange(client) {
      const reply = await client.send({ path: "/", headers: [["TE", "trailers"]] });
      equal(reply.status, 200, "status");
      equal(await textOf(reply), "counted bytes", "the body");
      const has = !client.lacks("trailers");
      equal(header(reply, "x-present"), String(has), "whether dram.trailers is in environ");
      equal(valuesOf(reply, "x-checksum"), [], "X-Checksum among the headers");
      const { trailers } = reply;
      equal(header({ headers: trailers }, "x-checksum"), has ? "13" : undefined, "X-Checksum");
      equal(header({ headers: trailers }, "x-second"), has ? "caf\u00e9" : undefined, "X-Second");
    },
  },
  {
    id: "X12",
    name: "dram.signal aborts when the client leaves",
    application: remembering((environ, startResponse, memory) => {
      const signal = environ["dram.signal"];
      startResponse("200 OK", [PLAIN, ["X-Present", String(signal instanceof AbortSignal)]]);
      if (environ.PATH_INFO === "/short") {
        count(memory, signal?.aborted ? "aborted" : "complete");
        return text("short");
      }
      signal?.addEventListener("abort", () => count(memory, "aborts"));
      return (async function* () {
        // Ends by itself, for a gateway that never tells.
        for (let step = 0; step < 500 && !signal?.aborted; step++) {
          yield encodeUtf8("another chunk\n");
          await pause(10);
        }
      })();
    }),
    async exchange(client) {
      const short = await client.send({ path: "/short" });
      equal(await textOf(short), "short", "the body");
      equal(await recall(client), { complete: 1 }, "the signal of a complete request");
      if (client.lacks("disconnect") || client.lacks("streaming")) {
        return;
      }
      equal(header(short, "x-present"), "true", "whether dram.signal is an AbortSignal");
      const long = await client.send({ path: "/long" });
      for await (const chunk of long.chunks) {
        ok(chunk.length > 0, "a chunk before the client leaves");
        break;
      }
      long.leave();
      await until(async () => (await recall(client)).aborts === 1, "dram.signal aborts", 4000);
    },
  },
  {
    id: "X13",
    name: "what is given to dram.wait_until runs on after the response",
    application: remembering((environ, startResponse, memory) => {
      if (environ.PATH_INFO === "/open") {
        count(memory, "open");
        startResponse("200 OK", [PLAIN]);
        return text("open");
      }
      const errors = environ["wsgi.errors"];
      const run = environ.HTTP_X_DRAM_RUN;
      const isOpen = (): boolean => environ.PATH_INFO === "/timed" || memory.open === 1;
      const work = async (): Promise<void> => {
        await pause(50);
        await until(isOpen, "the request that opens the gate", 4000);
        count(memory, "done");
        errors.write(`${run} worked on\n`);
        throw new Error(`${run} failed afterwards`);
      };
      environ["dram.wait_until"]?.(work());
      startResponse("200 OK", [PLAIN]);
      return text(run ?? "");
    }),
    async exchange(client) {
      const gated = !client.lacks("concurrency");
      const reply = await client.send({ path: gated ? "/gated" : "/timed" });
      const run = await textOf(reply);
      if (gated) {
        equal((await recall(client)).done, undefined, "work that is done before its gate is open");
        await client.send({ path: "/open" });
      }
      await until(async () => (await recall(client)).done === 1, "the work is done");
      await logged(client, [`${run} worked on`, `${run} failed afterwards`]);
    },
  },
];

/** What PEP 3333 has beside the exchange itself, and the keys that go beyond it. */
export const extensionCases: readonly Case[] = [
  ...fileCases,
  ...uriCases,
  ...logCases,
  ...keyCases,
  ...middlewareCases,
  ...upgradeCases,
];

function isSender(value: unknown): value is (headers: HeaderList) => unknown {
  return typeof value === "function";
}
