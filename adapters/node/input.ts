import type { Http2ServerResponse, ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { type ByteSource, DramError, type Environ } from "../../core/mod.ts";
import { BodyQueue } from "../process/mod.ts";
import { type Client, isHttp2, isOver, type NodeResponse } from "./client.ts";
import { awaitsContinue } from "./continue.ts";
import { discard } from "./discard.ts";
import { SMALL_BODY } from "./limits.ts";

/** The body of a request, to be read when the application asks for it. */
export function openBody(client: Client, environ: Environ): ByteSource | null {
  return client.request.readableEnded || isAbsent(client, environ)
    ? null
    : new RequestBody(client, environ.CONTENT_LENGTH);
}

/** Whether the framing of the request says that it has no body (RFC 9112 §6.3; RFC 9113 §8.1). */
function isAbsent({ request, response }: Client, environ: Environ): boolean {
  if (environ.CONTENT_LENGTH !== undefined) {
    return false;
  }
  return isHttp2(response)
    ? response.stream.endAfterHeaders
    : request.headers["transfer-encoding"] === undefined;
}

class RequestBody implements ByteSource {
  readonly #client: Client;
  readonly #announced: number;
  readonly #queue: BodyQueue;
  #opened = false;

  constructor(client: Client, announced: string | undefined) {
    this.#client = client;
    this.#announced = announced === undefined ? Number.POSITIVE_INFINITY : Number(announced);
    this.#queue = new BodyQueue(() => client.request.resume());
  }

  read(): Promise<Uint8Array | null> {
    if (!this.#opened) {
      this.#open();
    }
    return this.#queue.read();
  }

  cancel(): void {
    const { request, response } = this.#client;
    this.#queue.drop();
    if (request.readableEnded || awaitsContinue(response)) {
      // Nothing comes: Node closes the connection of a client that still waits for its "100".
      return;
    }
    if (isHttp2(response)) {
      leaveUnread(response);
      return;
    }
    request.off("data", this.#onData);
    const closes = closesBehind(this.#client);
    if (request.complete || (this.#announced <= SMALL_BODY && !closes)) {
      // Node's parser does not go on to the next request while a chunk of this one waits.
      if (this.#opened) {
        request.resume();
      }
      return;
    }
    const release = closes ? linger(request.socket) : undefined;
    discard(request, (whole) => {
      release?.();
      if (!whole) {
        // Never to be parsed as the next request.
        afterResponse(response, () => request.socket.destroy());
      }
    });
  }

  #open(): void {
    this.#opened = true;
    const { request, response } = this.#client;
    if (awaitsContinue(response)) {
      response.writeContinue();
    }
    this.#client.onLeave((reason) => this.#queue.fail(reason));
    request.on("data", this.#onData);
    request.once("end", () => {
      // Node ends the readable side of a stream that its client has reset with NO_ERROR.
      if (!isHttp2(response) || !response.stream.aborted) {
        this.#queue.end();
      }
    });
    // Also after an error, which Node emits only to those who listen to it.
    request.once("close", () => {
      if (!this.#queue.ended) {
        this.#queue.fail(new DramError("ERR_CLIENT_DISCONNECTED", "the connection was closed"));
      }
    });
  }

  readonly #onData = (chunk: Uint8Array): void => {
    if (!this.#queue.push(chunk)) {
      this.#client.request.pause();
    }
  };
}

/** Whether Node closes the connection when the response has ended. */
function closesBehind({ response, lifetime }: Client): boolean {
  return !isHttp2(response) && (!response.shouldKeepAlive || lifetime?.stopping === true);
}

/**
 * Lets Node end only its own side of a connection that it would close, for as long as something is
 * still to be read: a reset would overtake the answer to a client that is sending.
 *
 * @returns Closes it, if Node would have.
 */
function linger(socket: Socket): () => void {
  let asked = false;
  socket.destroySoon = () => {
    asked = true;
    socket.end();
  };
  return () => {
    // That of the prototype is back.
    Reflect.deleteProperty(socket, "destroySoon");
    if (asked) {
      socket.destroySoon();
    }
  };
}

/** Tells an HTTP/2 client, after the response, to stop sending (RFC 9113 §8.1). */
function leaveUnread({ stream }: Http2ServerResponse): void {
  stream.pause();
  // A reset overtakes what is not on its way yet, and that is END_STREAM: Node sends it behind the
  // trailers, which it asks for even if there are none, or with the head.
  const close = (): void => {
    setImmediate(() => stream.close());
  };
  stream.once("wantTrailers", close);
  whenFinished(stream, () =>
    setImmediate(() => {
      if (stream.state.localClose === 1) {
        close();
      }
    }),
  );
}

function whenFinished(stream: ServerHttp2Stream, then: () => void): void {
  if (stream.writableFinished) {
    then();
  } else {
    stream.once("finish", then);
  }
}

function afterResponse(response: NodeResponse, then: () => void): void {
  if (response.writableFinished || isOver(response)) {
    then();
  } else {
    response.once("close", then);
  }
}
