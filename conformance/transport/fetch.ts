import type { HeaderList } from "../../core/mod.ts";
import type { Reply, Request as SentRequest, Transport } from "../types.ts";

/**
 * A Fetch handler in this process: no server between, so nothing but the gateway can make a
 * difference.
 *
 * @param origin What the URLs of the requests begin with.
 */
export function fetchTransport(
  handler: (request: Request) => Response | Promise<Response>,
  origin: string,
): Transport {
  return {
    async send(sent) {
      const controller = new AbortController();
      const response = await handler(toRequest(origin, sent, controller.signal));
      return toReply(response, controller);
    },
  };
}

function toRequest(origin: string, sent: SentRequest, signal: AbortSignal): Request {
  const { method = "GET", path, headers = [], body } = sent;
  return new Request(origin + path, {
    method,
    headers: [...headers],
    signal,
    // A Request to GET cannot have a body; servers with a Fetch shape drop it.
    ...(body === undefined || method === "GET" ? {} : { body: toStream(body), duplex: "half" }),
  });
}

function toStream(body: Uint8Array | AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  return ReadableStream.from(body instanceof Uint8Array ? [body] : body);
}

function toReply(response: Response, controller: AbortController): Reply {
  const reader = response.body?.getReader();
  const headers: HeaderList = [...response.headers];
  return {
    status: response.status,
    reason: response.statusText,
    headers,
    interim: [],
    trailers: [],
    chunks: {
      async *[Symbol.asyncIterator]() {
        for (;;) {
          const result = await reader?.read();
          if (result?.value === undefined) {
            return;
          }
          yield result.value;
        }
      },
    },
    leave() {
      controller.abort();
      reader?.cancel().catch(() => {});
    },
  };
}
