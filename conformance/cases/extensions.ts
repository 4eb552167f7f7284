import { encodeUtf8, text } from "../../core/mod.ts";
import { equal, ok, pause, rejects, until } from "../check.ts";
import { note, notesOf } from "../ledger.ts";
import { header, textOf, valuesOf } from "../reply.ts";
import type { Case } from "../types.ts";
import { fileCases } from "./files.ts";
import { logCases, logged } from "./log.ts";
import { middlewareCases } from "./middleware.ts";
import { upgradeCases } from "./upgrade.ts";
import { uriCases } from "./uri.ts";
import { webSocketCases } from "./websocket.ts";

const PLAIN: [string, string] = ["Content-Type", "text/plain; charset=utf-8"];

const keyCases: readonly Case[] = [
  {
    id: "X10",
    name: "wsgi.early_hints, where it is present, sends 103 before the response",
    async application(environ, startResponse) {
      const hints = environ["wsgi.early_hints"];
      const malformed = async (): Promise<unknown> => hints?.([["Link", "</x>\r\nX-Evil: 1"]]);
      if (hints !== undefined) {
        await rejects(malformed(), "early hints with a line break in a value");
        hints([
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
        reply.interim.map((interim) => [interim.status, header(interim, "link")]),
        has ? [[103, "</a.css>; rel=preload; as=style, </b.js>; rel=preload; as=script"]] : [],
        "interim responses",
      );
      equal(header(reply, "link"), undefined, "Link of the response");
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
        trailers?.([
          ["X-Checksum", "13"],
          ["X-Second", "caf\u00e9"],
        ]);
      })();
    },
    async exchange(client) {
      const has = !client.lacks("trailers");
      const asked = await client.send({ path: "/", headers: [["TE", "trailers"]] });
      equal(asked.status, 200, "status");
      equal(await textOf(asked), "counted bytes", "the body");
      equal(header(asked, "x-present"), String(has), "whether dram.trailers is in environ");
      equal(
        asked.trailers,
        has
          ? [
              ["x-checksum", "13"],
              ["x-second", "caf\u00e9"],
            ]
          : [],
        "trailers",
      );
      equal(valuesOf(asked, "x-checksum"), [], "X-Checksum among the headers");
      const unasked = await client.send({ path: "/" });
      equal(await textOf(unasked), "counted bytes", "the body for a client without TE");
      equal(unasked.trailers, [], "trailers for a client without TE");
    },
  },
  {
    id: "X12",
    name: "dram.signal aborts when the client leaves",
    application(environ, startResponse) {
      const signal = environ["dram.signal"];
      startResponse("200 OK", [PLAIN]);
      if (environ.PATH_INFO === "/short") {
        return text(signal instanceof AbortSignal ? `aborted: ${signal.aborted}` : "no signal");
      }
      signal?.addEventListener("abort", () => note(environ, "abort"));
      return (async function* () {
        // Ends by itself, for a gateway that never tells.
        for (let step = 0; step < 500 && !signal?.aborted; step++) {
          yield encodeUtf8("another chunk\n");
          await pause(10);
        }
      })();
    },
    async exchange(client) {
      const short = await textOf(await client.send({ path: "/short" }));
      if (client.lacks("disconnect") || client.lacks("streaming")) {
        ok(short !== "aborted: true", "dram.signal is aborted though nobody has left");
        return;
      }
      equal(short, "aborted: false", "the signal of a complete request");
      const long = await client.send({ path: "/long" });
      for await (const chunk of long.chunks) {
        ok(chunk.length > 0, "a chunk before the client leaves");
        break;
      }
      long.leave();
      await until(async () => (await client.notes()).length > 0, "dram.signal aborts", 4000);
    },
  },
  {
    id: "X13",
    name: "what is given to dram.wait_until runs on after the response",
    application(environ, startResponse) {
      startResponse("200 OK", [PLAIN]);
      if (environ.PATH_INFO === "/open") {
        note(environ, "open");
        return text("open");
      }
      const run = environ.HTTP_X_DRAM_RUN ?? "";
      const errors = environ["wsgi.errors"];
      const isOpen = (): boolean =>
        environ.PATH_INFO === "/timed" || notesOf(environ).includes("open");
      const work = async (): Promise<void> => {
        await pause(50);
        await until(isOpen, "the request that opens the gate", 4000);
        note(environ, "done");
        errors.write(`${run} worked on\n`);
        throw new Error(`${run} failed afterwards`);
      };
      environ["dram.wait_until"]?.(work());
      return text(run);
    },
    async exchange(client) {
      // Where there is only one request at a time, no other one can open the gate.
      const gated = !client.lacks("concurrency");
      const run = await textOf(await client.send({ path: gated ? "/gated" : "/timed" }));
      if (gated) {
        equal(await client.notes(), [], "what was done before the gate is open");
        await client.send({ path: "/open" });
      }
      const isDone = async (): Promise<boolean> => (await client.notes()).includes("done");
      await until(isDone, "the work that was given to dram.wait_until");
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
  ...webSocketCases,
];
