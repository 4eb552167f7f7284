import type { Http2ServerResponse, ServerHttp2Stream } from "node:http2";
import { type ByteSource, DramError, type Environ } from "../../core/mod.ts";
import { type Client, isHttp2, isOver, type NodeResponse } from "./client.ts";
import { awaitsContinue } from "./continue.ts";
import { discard } from "./discard.ts";
import { MAX_QUEUED_BODY, SMALL_BODY } from "./limits.ts";

/** The body of a request, to be read when the application asks for it. */
export function openBody(client: Client, environ: Environ): ByteSource | null {
  return client.request.readableEnded ? null : new RequestBody(client, environ.CONTENT_LENGTH);
}

interface Waiting {
  readonly resolve: (chunk: Uint8Array | null) => void;
  readonly reject: (error: unknown) => void;
}

class RequestBody implements ByteSource {
  readonly #client: Client;
  readonly #announced: number;
  #opened = false;
  #chunks: Uint8Array[] = [];
  #queued = 0;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #waiting: Waiting | undefined;

  constructor(client: Client, announced: string | undefined) {
    this.#client = client;
    this.#announced = announced === undefined ? Number.POSITIVE_INFINITY : Number(announced);
  }

  read(): Promise<Uint8Array | null> {
    if (!this.#opened) {
      this.#open();
    }
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#queued -= chunk.length;
      return Promise.resolve(chunk);
    }
    if (this.#failure !== undefined) {
      return Promise.reject(this.#failure.error);
    }
    if (this.#ended) {
      return Promise.resolve(null);
    }
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#client.request.resume();
    });
  }

  cancel(): void {
    const { request, response } = this.#client;
    this.#chunks = [];
    if (request.readableEnded || awaitsContinue(response)) {
      // Nothing comes: Node closes the connection of a client that still waits for its "100".
      return;
    }
    if (isHttp2(response)) {
      leaveUnread(response);
      return;
    }
    request.off("data", this.#onData);
    if (request.complete || this.#announced <= SMALL_BODY) {
      // Node's parser does not go on to the next request while a chunk of this one waits.
      if (this.#opened) {
        request.resume();
      }
      return;
    }
    discard(request, (whole) => {
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
    this.#client.onLeave((reason) => this.#fail(reason));
    request.on("data", this.#onData);
    request.once("end", () => {
      if (isHttp2(response) && response.stream.aborted) {
        // Node ends the readable side of a stream that its client has reset with NO_ERROR.
        return;
      }
      this.#ended = true;
      this.#waiting?.resolve(null);
      this.#waiting = undefined;
    });
    // Also after an error, which Node emits only to those who listen to it.
    request.once("close", () => {
      if (!this.#ended) {
        this.#fail(new DramError("ERR_CLIENT_DISCONNECTED", "the connection was closed"));
      }
    });
  }

  readonly #onData = (chunk: Uint8Array): void => {
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      this.#waiting = undefined;
      waiting.resolve(chunk);
    } else {
      this.#chunks.push(chunk);
      this.#queued += chunk.length;
      if (this.#queued >= MAX_QUEUED_BODY) {
        // Nobody asks for more: the client is to wait, too.
        this.#client.request.pause();
      }
    }
  };

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
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
