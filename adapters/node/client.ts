import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { DramError } from "../../core/mod.ts";
import type { Lifetime } from "./lifetime.ts";

/** The request of a `node:http`, `node:https` or `node:http2` server. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;

/** The response of a `node:http`, `node:https` or `node:http2` server. */
export type NodeResponse = ServerResponse | Http2ServerResponse;

/** A listener of "request", for a server of `node:http`, `node:https` or `node:http2`. */
export type NodeListener = (request: NodeRequest, response: NodeResponse) => void;

/** The other end of one exchange: what is to be told when it leaves before its response is complete. */
export class Client {
  readonly request: NodeRequest;
  readonly response: NodeResponse;
  readonly lifetime: Lifetime | undefined;
  readonly #controller = new AbortController();
  #watched = false;
  #left = false;
  #onLeave: ((reason: unknown) => void)[] | undefined;

  constructor(request: NodeRequest, response: NodeResponse, lifetime: Lifetime | undefined) {
    this.request = request;
    this.response = response;
    this.lifetime = lifetime;
  }

  /** `dram.signal`. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** There is nobody any more to send to. */
  get left(): boolean {
    return this.#left;
  }

  /** To be called for every exchange that is not over within the call of the listener. */
  watch(): void {
    if (this.#watched) {
      return;
    }
    this.#watched = true;
    this.lifetime?.begin(this);
    this.response.once("close", () => {
      // Node emits it after a normal end, too.
      if (!isComplete(this.response)) {
        this.leave(
          new DramError(
            "ERR_CLIENT_DISCONNECTED",
            "the client left before the response was complete",
          ),
        );
      }
      // Last: a server that stops waits for what leaving has set off.
      this.lifetime?.end(this);
    });
  }

  /** Calls back at most once, with the reason, unless the exchange ends well. */
  onLeave(callback: (reason: unknown) => void): void {
    this.#onLeave ??= [];
    this.#onLeave.push(callback);
  }

  /** Ends the exchange from this side; the transport is the caller's affair. */
  leave(reason: DramError): void {
    if (this.#left) {
      return;
    }
    this.#left = true;
    // The signal first, for an application that ends by itself at it.
    this.#controller.abort(reason);
    for (const callback of this.#onLeave ?? []) {
      callback(reason);
    }
  }
}

/** Whether nothing can be sent any more. Node has no one word for it. */
export function isOver(response: NodeResponse): boolean {
  return isHttp2(response)
    ? response.stream.destroyed || response.stream.closed
    : response.destroyed;
}

/** Whether all of it was sent: Node ends the writable side of a stream that its client has reset. */
function isComplete(response: NodeResponse): boolean {
  return response.writableFinished && !(isHttp2(response) && response.stream.aborted);
}

/** @returns False if the client is to take what has been sent before more is. */
export function write(response: NodeResponse, chunk: Uint8Array): boolean {
  // One method to the eye, two to the types.
  return isHttp2(response) ? response.write(chunk) : response.write(chunk);
}

/** Whether a response is one of HTTP/2. */
export function isHttp2(response: NodeResponse): response is Http2ServerResponse {
  return "stream" in response;
}
