import { lint } from "../../core/lint.ts";
import {
  type Application,
  type Body,
  encodeUtf8,
  type HeaderList,
  json,
  mapBody,
  mapWrites,
  text,
  type Write,
} from "../../core/mod.ts";
import { equal, ok, until } from "../check.ts";
import { note } from "../ledger.ts";
import { header, textOf } from "../reply.ts";
import type { Case, Client } from "../types.ts";

export const middlewareCases: readonly Case[] = [
  {
    id: "X14",
    name: "lint changes nothing, neither alone nor above and below a middleware",
    application(environ, startResponse) {
      const [, way = "", path = ""] = /^\/([a-z]+)(\/.*)/.exec(environ.PATH_INFO) ?? [];
      const linted = (application: Application): Application =>
        lint(application, { onWarning: ({ rule }) => note(environ, rule) });
      const ways: Record<string, Application> = {
        alone: several,
        linted: linted(several),
        middle: shouting(several),
        stacked: linted(shouting(linted(several))),
      };
      return (ways[way] ?? several)({ ...environ, PATH_INFO: path }, startResponse);
    },
    async exchange(client) {
      for (const [plain, linted] of [
        ["/alone", "/linted"],
        ["/middle", "/stacked"],
      ]) {
        for (const path of ["/array", "/text", "/stream", "/write", "/late", "/missing"]) {
          const wanted = await answerTo(client, `${plain}${path}`);
          equal(await answerTo(client, `${linted}${path}`), wanted, `the answer to ${path}`);
        }
      }
      // Which shows that lint was there: write() is for legacy applications.
      equal([...new Set(await client.notes())], ["L86"], "what lint has warned of");
    },
  },
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
  {
    id: "X17",
    name: "native access is refused once environ has been changed",
    needs: ["nativeRequest"],
    application(environ, startResponse) {
      const native = environ["dram.native_request"];
      ok(typeof native === "function", "dram.native_request is a function");
      const given = (changed: Readonly<Record<string, unknown>>): string =>
        typeof native(Object.assign(environ, changed));
      const { PATH_INFO, QUERY_STRING } = environ;
      startResponse("200 OK", [["Content-Type", "application/json"]]);
      return json([
        given({}),
        given({ PATH_INFO: "/other" }),
        given({ PATH_INFO, QUERY_STRING: "other" }),
        given({ QUERY_STRING, HTTP_X_OTHER: "1" }),
      ]);
    },
    async exchange(client) {
      const reply = await client.send({ path: "/path?query" });
      equal(
        JSON.parse(await textOf(reply)),
        ["object", "undefined", "undefined", "undefined"],
        "dram.native_request as it was, and with another path, query and header",
      );
    },
  },
];

/** Status, headers and body, but for the time of the answer. */
async function answerTo(client: Client, path: string): Promise<unknown> {
  const reply = await client.send({ path });
  // Where the server in front frames a body, it may do so by how much of it has come at once.
  const left = client.lacks("framing") ? ["date", "content-length", "transfer-encoding"] : ["date"];
  const headers = reply.headers.filter(([name]) => !left.includes(name));
  return [reply.status, headers, await textOf(reply)];
}

/** Every way to answer, as its path says. */
const several: Application = (environ, startResponse) => {
  const { PATH_INFO: path } = environ;
  const headers: HeaderList = [["Content-Type", "text/plain; charset=utf-8"]];
  const start = (): Write => startResponse("200 OK", headers);
  switch (path) {
    case "/array":
      start();
      return [encodeUtf8("one "), encodeUtf8("two")];
    case "/text":
      start();
      return text("a text");
    case "/stream":
      start();
      return streamOf(["a ", "stream"]);
    case "/write":
      return written(start());
    case "/late":
      return streamOf(["a late ", "start"], start);
    default:
      startResponse("404 Not Found", [...headers, ["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"]]);
      return [];
  }
};

async function* streamOf(
  parts: readonly string[],
  before?: () => unknown,
): AsyncGenerator<Uint8Array, void, void> {
  before?.();
  for (const part of parts) {
    yield encodeUtf8(part);
  }
}

async function written(write: Write): Promise<Body> {
  await write(encodeUtf8("written "));
  return [encodeUtf8("and returned")];
}

/** Two bytes more for every chunk. */
function shouting(application: Application): Application {
  const shout = (chunk: Uint8Array): Uint8Array =>
    encodeUtf8(`${new TextDecoder().decode(chunk).toUpperCase()}! `);
  return (environ, startResponse) =>
    mapBody(application(environ, mapWrites(startResponse, shout)), shout);
}
