import { encodeUtf8 } from "../../core/mod.ts";
import { equal } from "../check.ts";
import { note } from "../ledger.ts";
import { header } from "../reply.ts";
import type { Case } from "../types.ts";
import { ask } from "./answer.ts";

/** The arguments of one call of startResponse. */
type Call = readonly unknown[];

/**
 * A case of calls that `startResponse` itself must refuse, while the application still runs and can
 * be told; a gateway that refuses them later has let it believe that all was well.
 */
function refused(facts: Pick<Case, "id" | "name">, calls: Readonly<Record<string, Call>>): Case {
  return {
    ...facts,
    application(environ, startResponse) {
      const name = environ.PATH_INFO.slice(1);
      try {
        // The types of startResponse allow no such call.
        Reflect.apply(startResponse, undefined, calls[name] ?? []);
      } catch (error) {
        note(environ, `${name}: thrown`);
        throw error;
      }
      note(environ, `${name}: accepted`);
      return [encodeUtf8("accepted")];
    },
    async exchange(client) {
      for (const [index, name] of Object.keys(calls).entries()) {
        const answer = await ask(client, { path: `/${name}` });
        const told = (await client.notes()).slice(index);
        equal(told, [`${name}: thrown`], "what startResponse did");
        equal(answer.status, 500, `status of the answer to ${name}`);
        equal(header(answer, "x-evil"), undefined, `X-Evil in the answer to ${name}`);
      }
    },
  };
}

function withHeader(...pair: readonly unknown[]): Call {
  return ["200 OK", [pair]];
}

export const refusalCases: readonly Case[] = [
  refused(
    { id: "R08", name: "startResponse refuses a character above U+00FF" },
    { value: withHeader("X-Wide", "\u0142"), reason: ["200 Z\u0142oty", []] },
  ),
  refused(
    { id: "R09", name: "startResponse refuses what would end a line of the head" },
    {
      "value-crlf": withHeader("X-A", "a\r\nX-Evil: 1"),
      "value-lf": withHeader("X-A", "a\nX-Evil: 1"),
      "value-cr": withHeader("X-A", "a\rX-Evil: 1"),
      "value-nul": withHeader("X-A", "a\0X-Evil: 1"),
      // Some platforms would trim it, and so hide the mistake.
      "value-trailing-crlf": withHeader("X-A", "a\r\n"),
      "name-crlf": withHeader("X-A: a\r\nX-Evil", "1"),
      "status-crlf": ["200 OK\r\nX-Evil: 1", []],
      "status-trailing-crlf": ["200 OK\r\n", []],
    },
  ),
  refused(
    { id: "R10", name: "startResponse refuses hop-by-hop headers, in any case of letters" },
    {
      connection: withHeader("Connection", "close"),
      "connection-in-capitals": withHeader("CONNECTION", "X-Evil"),
      "transfer-encoding": withHeader("transfer-Encoding", "chunked"),
      "keep-alive": withHeader("keep-alive", "timeout=5"),
      upgrade: withHeader("Upgrade", "websocket"),
      te: withHeader("Te", "trailers"),
      trailer: withHeader("TRAILER", "X-Evil"),
    },
  ),
  refused(
    { id: "R11", name: "startResponse refuses a malformed status" },
    {
      "no-reason": ["200", []],
      "letters-for-digits": ["20X OK", []],
      "no-space": ["200OK", []],
      number: [200, []],
      "leading-space": [" 200 OK", []],
      "four-digits": ["0200 OK", []],
    },
  ),
  refused(
    { id: "R12", name: "startResponse refuses malformed headers" },
    {
      "no-array": ["200 OK", { "X-A": "1" }],
      "three-in-a-pair": withHeader("X-A", "1", "2"),
      "number-value": withHeader("X-A", 5),
      "colon-in-name": withHeader("X-A:", "1"),
      "space-in-name": withHeader("X A", "1"),
      "status-as-header": withHeader("Status", "200 OK"),
    },
  ),
];
