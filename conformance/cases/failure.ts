import { type Environ, encodeUtf8, type HeaderList, type StartResponse } from "../../core/mod.ts";
import { equal, matches, ok } from "../check.ts";
import { header } from "../reply.ts";
import type { Case } from "../types.ts";
import { ask, byPath, expectBreak, PLAIN, SIZED, watchLog } from "./answer.ts";

export const failureCases: readonly Case[] = [
  {
    id: "B16",
    name: "a body without a call of startResponse is a 500, and is closed",
    application: byPath({
      "/empty": () => Object.assign([], { close() {} }),
      "/chunk": () => Object.assign([encodeUtf8("x")], { close() {} }),
      *"/iterable"() {
        yield encodeUtf8("x");
      },
    }),
    async exchange(client) {
      for (const path of ["/empty", "/chunk", "/iterable"]) {
        equal((await ask(client, { path })).status, 500, `status of ${path}`);
      }
    },
  },
  {
    id: "B17",
    name: "an error before startResponse is a 500 that tells nothing, and is logged",
    application: byPath({
      "/throws"() {
        throw new Error("secret of an application");
      },
      async "/rejects"() {
        throw new Error("secret of a promise");
      },
    }),
    async exchange(client) {
      for (const path of ["/throws", "/rejects"]) {
        const logged = watchLog(client);
        const answer = await ask(client, { path });
        equal(answer.status, 500, `status of ${path}`);
        matches(header(answer, "content-type"), /^text\/plain\b/, "Content-Type");
        ok(
          !/secret|\n\s*at |:\d+:\d+/.test(answer.text),
          `the body of ${path} tells of the error: ${JSON.stringify(answer.text)}`,
        );
        await logged(/secret of an? /);
      }
    },
  },
  {
    id: "B18",
    name: "an error between startResponse and the body is a 500",
    application: byPath({
      "/throws"(_environ, startResponse) {
        startResponse("200 OK", [PLAIN, ["X-Started", "1"]]);
        throw new Error("thrown after the start");
      },
      *"/iterable"(_environ: Environ, startResponse: StartResponse) {
        startResponse("200 OK", [PLAIN, ["X-Started", "1"]]);
        yield encodeUtf8("");
        throw new Error("thrown before the first byte");
      },
    }),
    async exchange(client) {
      for (const path of ["/throws", "/iterable"]) {
        const answer = await ask(client, { path });
        equal(answer.status, 500, `status of ${path}`);
        equal(header(answer, "x-started"), undefined, `X-Started of ${path}`);
      }
    },
  },
  {
    id: "B19",
    name: "an error after the first byte breaks the body, and is logged",
    application: byPath({
      "/": (_environ, startResponse) => failing(startResponse, [PLAIN]),
      "/sized": (_environ, startResponse) => failing(startResponse, [PLAIN, SIZED]),
    }),
    async exchange(client) {
      await expectBreak(client, "part", /thrown in the middle/);
    },
  },
];

async function* failing(
  startResponse: StartResponse,
  headers: HeaderList,
): AsyncGenerator<Uint8Array, void, void> {
  startResponse("200 OK", headers);
  yield encodeUtf8("part");
  throw new Error("thrown in the middle");
}
