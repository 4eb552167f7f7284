import {
  type BodyStream,
  cgiHead,
  EMPTY,
  encodeUtf8,
  type GatewayResponse,
  isStream,
} from "../../core/mod.ts";
import { ONE_WRITE, sendCommitted, turns } from "../process/mod.ts";
import { encodeResponse, ending, frame } from "./frames.ts";
import { STDOUT } from "./records.ts";
import type { FastcgiRequest } from "./request.ts";

/** Sends what `run` has made. A small complete body leaves in one write, at no cost of a promise. */
export function fromResponse(answer: GatewayResponse, request: FastcgiRequest): void {
  const { body } = answer;
  if (isStream(body)) {
    if (request.left) {
      body.cancel();
    } else {
      pump(answer, body, request);
    }
  } else if (body === null) {
    finish(cgiHead(answer, undefined), [], 0, answer, request);
  } else {
    const length = answer.length ?? lengthOf(body);
    finish(cgiHead(answer, length), body, length, answer, request);
  }
}

function finish(
  head: string,
  body: string | readonly Uint8Array[],
  length: number,
  { failed }: GatewayResponse,
  request: FastcgiRequest,
): void {
  const { id, connection, hasErrors } = request;
  if (head.length + length <= ONE_WRITE && !hasErrors && !failed) {
    connection.finish(request, [encodeResponse(id, head, body, length)]);
    return;
  }
  const chunks = typeof body === "string" ? [encodeUtf8(body)] : body;
  connection.finish(request, [
    ...frame(STDOUT, id, Buffer.from(head, "latin1")),
    ...chunks.flatMap((chunk) => frame(STDOUT, id, chunk)),
    ending(id, hasErrors, failed ? 1 : 0),
  ]);
}

function lengthOf(body: string | readonly Uint8Array[]): number {
  return typeof body === "string"
    ? Buffer.byteLength(body)
    : body.reduce((sum, chunk) => sum + chunk.length, 0);
}

/**
 * Sends a body chunk by chunk, each before the next one is asked for. Never rejects: a body that
 * breaks takes its connection with it, so that no client takes a part for the whole.
 */
async function pump(
  answer: GatewayResponse,
  body: BodyStream,
  request: FastcgiRequest,
): Promise<void> {
  const { id, connection } = request;
  let head: Uint8Array[] = frame(STDOUT, id, Buffer.from(cgiHead(answer, undefined), "latin1"));
  const send = (chunk: Uint8Array): boolean => {
    const pieces = [...head, ...frame(STDOUT, id, chunk)];
    head = [];
    return connection.send(request, pieces);
  };
  request.onLeave(() => body.cancel());
  try {
    const first = body.next();
    sendCommitted(first, () => send(EMPTY));
    const turn = turns();
    for (let chunk = await first; chunk !== null; chunk = await body.next()) {
      if (!send(chunk)) {
        await connection.drained();
      }
      await turn();
    }
    if (!request.left) {
      connection.finish(request, [...head, ending(id, request.hasErrors)]);
    }
  } catch {
    // Logged by core.
    connection.breakOff(request);
  }
}
