// What other gateways for Python fail, those of Cloudflare among them.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testOn } from "../../known-failures.ts";
import { hasSites, site } from "../../targets/pythonsite.ts";
import { bytesOf, header, type Target, textOf, until } from "../../targets/target.ts";
import { deno, gunicorn, node, nodeProcess, nodeWithoutJspi, TARGETS, workerd } from "./targets.ts";

const HELD = [gunicorn, node, nodeWithoutJspi, nodeProcess, deno, workerd];

describe.runIf(hasSites("flask")).each(TARGETS.filter((target) => HELD.includes(target)))(
  "$name",
  ({ name, boot }) => {
    const check = testOn(`python on ${name}`);
    let plain: Target;
    let flask: Target;
    let mounted: Target;

    beforeAll(async () => {
      const sites = { site: [site("flask")] };
      plain = await boot("cases:plain", sites);
      flask = await boot("cases:app", sites);
    });

    afterAll(async () => {
      await plain?.close();
      await flask?.close();
    });

    check("an error page replaces the response, where nothing of it has been sent", async () => {
      const answer = await plain.send({ path: "/error-page" });
      expect(answer.status).toBe(500);
      expect(header(answer, "content-type")).toEqual(["text/plain"]);
      expect(await textOf(answer)).toBe("an error page: of the application");
    });

    check("Flask's stream_with_context has its context in every chunk", async () => {
      const answer = await flask.send({ path: "/context?word=dram" });
      const lines = [0, 1, 2, 3].map((index) => `${index} dram dram dram\n`);
      expect(await textOf(answer)).toBe(lines.join(""));
    });

    check("an escaped byte that is no UTF-8 is that byte in PATH_INFO", async () => {
      const answer = await plain.send({ path: "/path/%FF%fe/caf%C3%A9" });
      expect((await bytesOf(answer)).toString("latin1")).toBe("/path/\u00ff\u00fe/caf\u00c3\u00a9");
    });

    check("wsgi.input is read while the body is made, in turn", async () => {
      const answered = await converse(plain, "/echo", [
        ["", "first"],
        ["begun;[first]", "again"],
        ["[again]", "last."],
      ]);
      expect(answered).toBe("begun;[first][again][last.]");
    });

    check("write() sends before the application goes on", async () => {
      const answered = await converse(plain, "/write", [
        ["", "the "],
        ["written;", "rest"],
      ]);
      expect(answered).toBe("written;read the rest");
    });

    check("REMOTE_ADDR is the client's", async () => {
      expect(JSON.parse(await textOf(await flask.send({ path: "/client" })))).toEqual({
        remote_addr: "127.0.0.1",
      });
    });

    check("repeated headers of a response stay apart", async () => {
      const answer = await plain.send({ path: "/repeated" });
      expect(header(answer, "set-cookie")).toEqual(["a=1", "b=2, 3"]);
      expect(header(answer, "x-many")).toEqual(["1", "2"]);
      expect(await textOf(answer)).toBe("repeated");
    });

    describe("under a mount", () => {
      beforeAll(async () => {
        mounted = await boot("cases:app", { site: [site("flask")], mount: "/mount" });
      });

      afterAll(() => mounted?.close());

      check("SCRIPT_NAME is the mount, and url_for begins with it", async () => {
        const answer = await mounted.send({
          path: "/mount/urls/caf%C3%A9",
          headers: [["Host", "app.example"]],
        });
        expect(JSON.parse(await textOf(answer))).toEqual({
          script_root: "/mount",
          path: "/urls/caf\u00e9",
          url_for: "/mount/urls/caf%C3%A9",
          external: "http://app.example/mount/context",
        });
      });
    });
  },
);

describe("where WebAssembly cannot wait", () => {
  let target: Target;

  beforeAll(async () => {
    target = await nodeWithoutJspi.boot("forms:application");
  });

  afterAll(() => target?.close());

  test("the application is called when the body is there, and is told its length", async () => {
    const body = inPieces("a body ", "in chunks");
    const answer = await target.send({ method: "POST", path: "/environ", body });
    expect(JSON.parse(await textOf(answer))).toMatchObject({
      CONTENT_LENGTH: "16",
      "wsgi.input": "BytesIO",
    });
  });

  test("what is written comes before what is returned", async () => {
    const answer = await target.send({ path: "/written" });
    expect(await textOf(answer)).toBe("written, twice, and returned");
  });
});

async function* inPieces(...pieces: readonly string[]): AsyncIterable<Uint8Array> {
  yield* pieces.map((piece) => Buffer.from(piece));
}

/** Sends a piece of a body when the answer has what the turn waits for; the first takes the head with it. */
async function converse(
  target: Target,
  path: string,
  turns: readonly (readonly [after: string, piece: string])[],
): Promise<string> {
  let answered = "";
  let stuck: unknown;
  const body = {
    async *[Symbol.asyncIterator]() {
      for (const [after, piece] of turns) {
        if (stuck === undefined) {
          // All of the body is sent, whatever happens, so that both sides come to an end.
          await until(() => answered.includes(after)).catch((error) => {
            stuck = error;
          });
        }
        yield Buffer.from(piece);
      }
    },
  };
  const answer = await target.send({ method: "POST", path, body });
  for await (const chunk of answer.chunks) {
    answered += Buffer.from(chunk).toString();
  }
  if (stuck !== undefined) {
    throw stuck;
  }
  return answered;
}
