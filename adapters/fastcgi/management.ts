import { TOLD_CONNECTIONS } from "./limits.ts";
import { decodePairs, encodePairs } from "./params.ts";
import {
  encodeRecord,
  type FastcgiRecord,
  GET_VALUES,
  GET_VALUES_RESULT,
  UNKNOWN_TYPE,
} from "./records.ts";

/**
 * The answer to a management record (§4).
 *
 * @throws {DramError} `ERR_EVENT` for malformed pairs.
 */
export function manage({ type, content }: FastcgiRecord): Buffer {
  if (type !== GET_VALUES) {
    const body = Buffer.alloc(8);
    body[0] = type;
    return encodeRecord(UNKNOWN_TYPE, 0, body);
  }
  const asked = new Set(decodePairs(content).map(([name]) => name));
  return encodeRecord(
    GET_VALUES_RESULT,
    0,
    encodePairs(VALUES.filter(([name]) => asked.has(name))),
  );
}

const VALUES = [
  ["FCGI_MAX_CONNS", String(TOLD_CONNECTIONS)],
  ["FCGI_MAX_REQS", String(TOLD_CONNECTIONS)],
  // One request at a time on a connection: an application that does not read its body makes its
  // connection wait, and would make the others on it wait, too, some of them for ever.
  ["FCGI_MPXS_CONNS", "0"],
] as const;
