import {
  type Environ,
  encodeUtf8,
  type HeaderList,
  type StartResponse,
  type Write,
} from "../../core/mod.ts";
import { equal, ok } from "../check.ts";
import { note } from "../ledger.ts";
import { header } from "../reply.ts";
import type { Case } from "../types.ts";
import { ask, byPath, expectBreak, PLAIN, SIZED } from "./answer.ts";

const FIRST: HeaderList = [PLAIN, ["X-First", "1"]];
const SECOND: HeaderList = [PLAIN, ["X-Second", "2"]];

/** A header that no gateway may accept. */
const BAD: HeaderList = [["X-Bad", "a\nb"]];

export const restartCases: readonly Case[] = [
  {
    id: "B10",
    name: "an error replaces status and headers before the first byte",
    *application(_environ: Environ, startResponse: StartResponse) {
      startResponse("200 OK", FIRST);
      yield encodeUtf8("");
      startResponse("503 Service Unavailable", SECOND, new Error("found while producing"));
      yield encodeUtf8("err");
    },
    async exchange(client) {
      const answer = await ask(client, { path: "/" });
      equal([answer.status, answer.text], [503, "err"], "status and body");
      equal(header(answer, "x-first"), undefined, "X-First");
      equal(header(answer, "x-second"), "2", "X-Second");
    },
  },
  {
    id: "B11",
    name: "an error replaces Content-Length, too",
    *application(_environ: Environ, startResponse: StartResponse) {
      startResponse("200 OK", [PLAIN, ["Content-Length", "5"]]);
      startResponse("503 Service Unavailable", [PLAIN], new Error("found while producing"));
      yield encodeUtf8("longer than five bytes.");
    },
    async exchange(client) {
      const answer = await ask(client, { path: "/" });
      equal([answer.status, answer.text], [503, "longer than five bytes."], "status and body");
      ok(header(answer, "content-length") !== "5", "Content-Length: found that of the first call");
    },
  },
  {
    id: "B12",
    name: "an error after the first byte is thrown back, the same object, and breaks the body",
    application: byPath({
      "/": (environ, startResponse) => restartLate(environ, startResponse, [PLAIN]),
      "/sized": (environ, startResponse) => restartLate(environ, startResponse, [PLAIN, SIZED]),
    }),
    async exchange(client) {
      await expectBreak(client, "a");
      equal(await client.notes(), ["the same", "the same"], "what startResponse threw");
    },
  },
  {
    id: "B13",
    name: "a second call of startResponse without an error is refused",
    application(environ, startResponse) {
      startResponse("200 OK", FIRST);
      noteCall(environ, () => startResponse("200 OK", SECOND));
      return [encodeUtf8("accepted")];
    },
    async exchange(client) {
      equal((await ask(client, { path: "/" })).status, 500, "status");
      equal(await client.notes(), ["thrown"], "what startResponse did");
    },
  },
  {
    id: "B14",
    name: "a call of startResponse that failed counts as one",
    application(environ, startResponse) {
      try {
        startResponse("200 OK", BAD);
      } catch {
        note(environ, "refused");
      }
      noteCall(environ, () => startResponse("200 OK", SECOND));
      return [encodeUtf8("accepted")];
    },
    async exchange(client) {
      equal((await ask(client, { path: "/" })).status, 500, "status");
      equal(await client.notes(), ["refused", "thrown"], "what startResponse did");
    },
  },
  {
    id: "B15",
    name: "an error repairs a call of startResponse that failed",
    application(_environ, startResponse) {
      try {
        startResponse("200 OK", BAD);
        return [encodeUtf8("accepted")];
      } catch (error) {
        startResponse("503 Service Unavailable", SECOND, error);
        return [encodeUtf8("repaired")];
      }
    },
    async exchange(client) {
      const answer = await ask(client, { path: "/" });
      equal([answer.status, answer.text], [503, "repaired"], "status and body");
      equal(header(answer, "x-second"), "2", "X-Second");
    },
  },
];

function* restartLate(
  environ: Environ,
  startResponse: StartResponse,
  headers: HeaderList,
): Generator<Uint8Array, void, void> {
  startResponse("200 OK", headers);
  yield encodeUtf8("a");
  const error = new Error("found after the first chunk");
  try {
    startResponse("500 Internal Server Error", SECOND, error);
  } catch (thrown) {
    note(environ, thrown === error ? "the same" : "another");
    throw thrown;
  }
  note(environ, "nothing");
  yield encodeUtf8("err");
}

function noteCall(environ: Environ, call: () => Write): void {
  try {
    call();
  } catch (error) {
    note(environ, "thrown");
    throw error;
  }
  note(environ, "accepted");
}
