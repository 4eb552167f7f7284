import { constants } from "node:http2";
import type { BodyStream } from "../../core/mod.ts";
import { BREAK_TIMEOUT, drained, sendCommitted } from "../process/mod.ts";
import { type Client, isHttp2, isOver, type NodeResponse, write } from "./client.ts";
import { setTrailers } from "./trailers.ts";

/**
 * Sends a body chunk by chunk, each before the next one is asked for. Never rejects: a body that
 * breaks takes its connection with it, so that no client takes a part for the whole.
 *
 * @param hasLength The client has been told how long the body is.
 */
export async function pump(body: BodyStream, client: Client, hasLength: boolean): Promise<void> {
  const { response } = client;
  client.onLeave(() => body.cancel());
  try {
    const first = body.next();
    sendCommitted(first, () => {
      if (!isHttp2(response)) {
        // Not flushHeaders(), which would send the head's bytes as UTF-8.
        response.write("", "latin1");
      }
    });
    for (let chunk = await first; chunk !== null; chunk = await body.next()) {
      if (!write(response, chunk)) {
        await drained(response, isOver(response));
      }
    }
    if (!client.left) {
      setTrailers(response);
      response.end();
    }
  } catch {
    // Logged by core.
    breakOff(response, hasLength);
  }
}

/** What was sent before the break still arrives, then the connection (HTTP/2: the stream) breaks. */
export function breakOff(response: NodeResponse, hasLength: boolean): void {
  if (isHttp2(response)) {
    const { stream } = response;
    stream.write(new Uint8Array(0), () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
    return;
  }
  if (response.socket === null) {
    // Pipelined: the answers before this one still have the connection.
    response.once("socket", () => setImmediate(() => breakOff(response, hasLength)));
    return;
  }
  const { socket } = response.req;
  const timer = setTimeout(() => socket.destroy(), BREAK_TIMEOUT);
  timer.unref();
  socket.once("close", () => clearTimeout(timer));
  if (response.chunkedEncoding || hasLength) {
    socket.destroySoon();
  } else {
    // The end of the connection would be the end of the body: only a reset tells the difference.
    socket.write("", () => socket.resetAndDestroy());
  }
}
