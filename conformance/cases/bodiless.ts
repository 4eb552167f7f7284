import { type Environ, encodeUtf8, type StartResponse } from "../../core/mod.ts";
import { equal, ok, pause, until } from "../check.ts";
import { note } from "../ledger.ts";
import { header } from "../reply.ts";
import type { Case, Client } from "../types.ts";
import { type Answer, ask, byPath, expectInSync, PLAIN } from "./answer.ts";

export const bodilessCases: readonly Case[] = [
  {
    id: "R13",
    name: "204 has no body, and no header that would announce one",
    application(_environ, startResponse) {
      startResponse("204 No Content", []);
      return [];
    },
    async exchange(client) {
      expectNothing(await ask(client, { path: "/" }), 204);
      await expectInSync(client, { method: "GET", path: "/", status: 204, body: "" });
    },
  },
  {
    id: "R14",
    name: "the bytes of an application do not follow 204",
    application: byPath({
      "/array"(_environ, startResponse) {
        startResponse("204 No Content", []);
        return [encodeUtf8("zz")];
      },
      *"/iterable"(_environ: Environ, startResponse: StartResponse) {
        startResponse("204 No Content", []);
        yield encodeUtf8("zz");
      },
    }),
    async exchange(client) {
      for (const path of ["/array", "/iterable"]) {
        expectNothing(await ask(client, { path }), 204);
        await expectInSync(client, { method: "GET", path, status: 204, body: "" });
      }
    },
  },
  {
    id: "R15",
    name: "304 keeps its ETag and has no body",
    application(_environ, startResponse) {
      startResponse("304 Not Modified", [["ETag", '"x"']]);
      return [];
    },
    async exchange(client) {
      const answer = await ask(client, { path: "/" });
      expectNothing(answer, 304);
      equal(header(answer, "etag"), '"x"', "ETag");
      await expectInSync(client, { method: "GET", path: "/", status: 304, body: "" });
    },
  },
  {
    id: "R16",
    name: "205 is empty, and the connection stays in use",
    application: byPath({
      "/empty"(_environ, startResponse) {
        startResponse("205 Reset Content", []);
        return [];
      },
      "/bytes"(_environ, startResponse) {
        startResponse("205 Reset Content", []);
        return [encodeUtf8("zz")];
      },
    }),
    async exchange(client) {
      for (const path of ["/empty", "/bytes"]) {
        const { status, text } = await ask(client, { path });
        equal([status, text], [205, ""], `${path}, status and body`);
        const body = "(?:0\\r\\n\\r\\n)?";
        await expectInSync(client, { method: "GET", path, status: 205, body });
      }
    },
  },
  {
    id: "R17",
    name: "HEAD keeps the Content-Length of the application, without a body",
    application(_environ, startResponse) {
      startResponse("200 OK", [PLAIN, ["Content-Length", "12345"]]);
      return [];
    },
    async exchange(client) {
      const answer = await expectHead(client, "/");
      if (!client.lacks("headLength")) {
        equal(header(answer, "content-length"), "12345", "Content-Length");
      }
      await expectInSync(client, { method: "HEAD", path: "/", status: 200, body: "" });
    },
  },
  {
    id: "R18",
    name: "HEAD drops the body of the application, and closes it",
    application(_environ, startResponse) {
      startResponse("200 OK", [PLAIN]);
      return Object.assign([encodeUtf8("hello")], { close() {} });
    },
    async exchange(client) {
      const length = header(await expectHead(client, "/"), "content-length");
      ok(
        length === undefined || length === "5" || client.lacks("headLength"),
        `Content-Length: found ${length}, wanted 5 or none`,
      );
      await expectInSync(client, { method: "HEAD", path: "/", status: 200, body: "" });
    },
  },
  {
    id: "R19",
    name: "HEAD does not run a body that never ends",
    application: byPath({
      "/started"(environ, startResponse) {
        startResponse("200 OK", [PLAIN]);
        return endless(environ);
      },
      async *"/starting"(environ: Environ, startResponse: StartResponse) {
        startResponse("200 OK", [PLAIN]);
        yield* endless(environ);
      },
    }),
    async exchange(client) {
      const length = header(await expectHead(client, "/started"), "content-length");
      ok(
        length === undefined || client.lacks("headLength"),
        `Content-Length: found ${length}, wanted none`,
      );
      const before = await client.notes();
      const pulled = before.filter((what) => what === "pulled").length;
      ok(pulled <= 1, `chunks pulled: found ${pulled}, wanted one at most`);
      await expectHead(client, "/starting");
      const more = async (): Promise<readonly string[]> =>
        (await client.notes()).slice(before.length);
      await until(async () => (await more()).includes("ended"), "the end of the generator");
      equal(await more(), ["pulled", "ended"], "what became of a body that had to be begun");
    },
  },
];

/** Not too fast, or a gateway that runs it could do nothing else any more. */
async function* endless(environ: Environ): AsyncGenerator<Uint8Array, void, void> {
  try {
    for (;;) {
      note(environ, "pulled");
      yield encodeUtf8("x");
      await pause(1);
    }
  } finally {
    note(environ, "ended");
  }
}

async function expectHead(client: Client, path: string): Promise<Answer> {
  const answer = await ask(client, { method: "HEAD", path });
  equal([answer.status, answer.text], [200, ""], `HEAD ${path}, status and body`);
  return answer;
}

function expectNothing(answer: Answer, status: number): void {
  equal([answer.status, answer.text], [status, ""], "status and body");
  for (const name of ["content-type", "content-length", "transfer-encoding"]) {
    equal(header(answer, name), undefined, name);
  }
}
