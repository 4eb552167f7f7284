import { constants, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";

/** Milliseconds; 0 is none. */
export interface SessionTimes {
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly keepAliveTimeout: number;
}

/**
 * Keeps the time limits that Node keeps for HTTP/1.1 alone: a session without requests, or a request
 * without its end, would otherwise stay for as long as its client likes.
 */
export function limitSession(session: ServerHttp2Session, times: SessionTimes): void {
  let open = 0;
  let idle = after(times.headersTimeout, () => session.close());
  session.on("stream", (stream: ServerHttp2Stream) => {
    clearTimeout(idle);
    open++;
    limitStream(stream, times.requestTimeout);
    stream.once("close", () => {
      open--;
      if (open === 0 && !session.destroyed) {
        idle = after(times.keepAliveTimeout, () => session.close());
      }
    });
  });
  session.once("close", () => clearTimeout(idle));
}

function limitStream(stream: ServerHttp2Stream, requestTimeout: number): void {
  if (stream.endAfterHeaders) {
    return;
  }
  const late = after(requestTimeout, () => {
    // Not "end", which comes only to an application that reads.
    if (stream.state.remoteClose !== 1) {
      stream.close(constants.NGHTTP2_CANCEL);
    }
  });
  stream.once("close", () => clearTimeout(late));
}

function after(milliseconds: number, then: () => void): NodeJS.Timeout | undefined {
  // The socket holds the process, as long as there is anything to limit.
  return milliseconds > 0 ? setTimeout(then, milliseconds).unref() : undefined;
}
