import { type Environ, encodeUtf8, type StartResponse } from "../../core/mod.ts";
import { equal, ok, pause } from "../check.ts";
import type { Case } from "../types.ts";
import { ask, byPath, expectLength, expectText, PLAIN, watchLog } from "./answer.ts";
import { closeCases } from "./close.ts";
import { failureCases } from "./failure.ts";
import { lengthCases } from "./length.ts";
import { restartCases } from "./restart.ts";
import { writeCases } from "./write.ts";

const chunkCases: readonly Case[] = [
  {
    id: "B01",
    name: "a body of one chunk has its length",
    application(_environ, startResponse) {
      startResponse("200 OK", [PLAIN]);
      return [encodeUtf8("hello")];
    },
    async exchange(client) {
      expectLength(client, await expectText(client, "/", "hello"), 5);
    },
  },
  {
    id: "B02",
    name: "a body of two chunks arrives whole",
    application(_environ, startResponse) {
      startResponse("200 OK", [PLAIN]);
      return [encodeUtf8("he"), encodeUtf8("llo")];
    },
    async exchange(client) {
      const { headers } = await expectText(client, "/", "hello");
      const lengths = headers.filter(([name]) => name === "content-length");
      ok(
        lengths.every(([, length]) => length === "5"),
        `Content-Length: found ${JSON.stringify(lengths)}, wanted 5 or none`,
      );
    },
  },
  {
    id: "B03",
    name: "an empty body has the length 0",
    application(_environ, startResponse) {
      startResponse("200 OK", [PLAIN]);
      return [];
    },
    async exchange(client) {
      expectLength(client, await expectText(client, "/", ""), 0);
    },
  },
  {
    id: "B04",
    name: "the chunks of a synchronous generator arrive in order",
    application(_environ, startResponse) {
      startResponse("200 OK", [PLAIN]);
      return (function* () {
        yield encodeUtf8("one,");
        yield encodeUtf8("two,");
        yield encodeUtf8("three");
      })();
    },
    async exchange(client) {
      await expectText(client, "/", "one,two,three");
    },
  },
  {
    id: "B05",
    name: "each chunk arrives before the next one is produced",
    needs: ["streaming"],
    application(_environ, startResponse) {
      startResponse("200 OK", [PLAIN]);
      return (async function* () {
        for (const chunk of ["1", "2", "3"]) {
          yield encodeUtf8(chunk);
          await pause(100);
        }
      })();
    },
    async exchange(client) {
      const { chunks } = await client.send({ path: "/" });
      const arrivals: number[] = [];
      for await (const chunk of chunks) {
        arrivals.push(...Array.from(chunk, () => performance.now()));
      }
      arrivals.push(performance.now());
      const gaps = arrivals
        .slice(1)
        .map((time, index) => Math.round(time - (arrivals[index] ?? 0)));
      equal(gaps.length, 3, "bytes that arrived");
      ok(Math.min(...gaps) >= 30, `gaps: found ${gaps} ms, wanted 30 ms or more, 100 ms produced`);
    },
  },
];

const startCases: readonly Case[] = [
  {
    id: "B06",
    name: "a generator may call startResponse in its first step",
    *application(_environ: Environ, startResponse: StartResponse) {
      startResponse("418 I'm a teapot", [PLAIN]);
      yield encodeUtf8("short and stout");
    },
    async exchange(client) {
      const { status, text } = await ask(client, { path: "/" });
      equal([status, text], [418, "short and stout"], "status and body");
    },
  },
  {
    id: "B07",
    name: "an application may call startResponse after it has awaited something",
    async application(_environ, startResponse) {
      await pause(5);
      startResponse("200 OK", [PLAIN]);
      return [encodeUtf8("late")];
    },
    async exchange(client) {
      await expectText(client, "/", "late");
    },
  },
  {
    id: "B08",
    name: "an application may promise an asynchronous iterable",
    async application(_environ, startResponse) {
      startResponse("200 OK", [PLAIN]);
      await pause(5);
      return (async function* () {
        yield encodeUtf8("promised ");
        await pause(5);
        yield encodeUtf8("and kept");
      })();
    },
    async exchange(client) {
      await expectText(client, "/", "promised and kept");
    },
  },
  {
    id: "B09",
    name: "empty chunks neither add to a body nor end it",
    async *application(_environ: Environ, startResponse: StartResponse) {
      yield encodeUtf8("");
      startResponse("200 OK", [PLAIN]);
      for (const chunk of ["", "", "x", "", "y", ""]) {
        yield encodeUtf8(chunk);
      }
    },
    async exchange(client) {
      await expectText(client, "/", "xy");
    },
  },
];

/** What is no body, and what its error must name. */
const wrong: Readonly<Record<string, { readonly body: unknown; readonly type: RegExp }>> = {
  "/string": { body: "a string", type: /string/i },
  "/bytes": { body: encodeUtf8("bytes"), type: /Uint8Array/ },
  "/numbers": { body: [1, 2], type: /number/i },
  "/strings": { body: ["a string"], type: /string/i },
  "/buffer": { body: new ArrayBuffer(2), type: /ArrayBuffer/ },
  "/null": { body: null, type: /null/ },
};

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);

const byteCases: readonly Case[] = [
  {
    id: "B32",
    name: "what is no iterable of bytes is a 500, and the log names its type",
    application(environ, startResponse) {
      startResponse("200 OK", [PLAIN]);
      // Reflect, because no typed application could return it.
      return Reflect.get(Object(wrong[environ.PATH_INFO]), "body");
    },
    async exchange(client) {
      for (const [path, { type }] of Object.entries(wrong)) {
        const logged = watchLog(client);
        equal((await ask(client, { path })).status, 500, `status of ${path}`);
        await logged(type);
      }
    },
  },
  {
    id: "B33",
    name: "all 256 bytes arrive as they are, whatever the Content-Type says",
    application: byPath({
      "/binary"(_environ, startResponse) {
        startResponse("200 OK", [["Content-Type", "application/octet-stream"]]);
        return [ALL_BYTES.slice()];
      },
      "/text"(_environ, startResponse) {
        startResponse("200 OK", [["Content-Type", "text/plain; charset=latin1"]]);
        return [ALL_BYTES.slice()];
      },
    }),
    async exchange(client) {
      for (const path of ["/binary", "/text"]) {
        equal((await ask(client, { path })).bytes, ALL_BYTES, `the bytes of ${path}`);
      }
    },
  },
  {
    id: "B34",
    name: "line ends in a body, and what looks like a head, arrive as they are",
    application: byPath({
      "/head"(_environ, startResponse) {
        startResponse("200 OK", [PLAIN]);
        return [encodeUtf8("Foo: Bar\r\n\r\nHello")];
      },
      "/lines"(_environ, startResponse) {
        startResponse("200 OK", [PLAIN]);
        return [encodeUtf8("a\nb\r\nc")];
      },
    }),
    async exchange(client) {
      const { headers } = await expectText(client, "/head", "Foo: Bar\r\n\r\nHello");
      ok(!headers.some(([name]) => name === "foo"), "Foo: found a header, wanted it in the body");
      await expectText(client, "/lines", "a\nb\r\nc");
    },
  },
];

export const bodyCases: readonly Case[] = [
  ...chunkCases,
  ...startCases,
  ...restartCases,
  ...failureCases,
  ...writeCases,
  ...lengthCases,
  ...closeCases,
  ...byteCases,
];
