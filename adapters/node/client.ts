import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { DramError } from "../../core/mod.ts";
import { type Lifetime, Peer } from "../process/mod.ts";

/** The request of a `node:http`, `node:https` or `node:http2` server. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;

/** The response of a `node:http`, `node:https` or `node:http2` server. */
export type NodeResponse = ServerResponse | Http2ServerResponse;

/** A listener of "request", for a server of `node:http`, `node:https` or `node:http2`. */
export type NodeListener = (request: NodeRequest, response: NodeResponse) => void;

/** The other end of one exchange over HTTP. */
export class Client extends Peer {
  readonly request: NodeRequest;
  readonly response: NodeResponse;
  readonly lifetime: Lifetime<Client> | undefined;
  #watched = false;

  constructor(
    request: NodeRequest,
    response: NodeResponse,
    lifetime: Lifetime<Client> | undefined,
  ) {
    super();
    this.request = request;
    this.response = response;
    this.lifetime = lifetime;
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
