import type { ErrorStream } from "dram";
import { toFetch } from "dram/fetch";
import { route } from "../http/router.ts";
import type { Target } from "./target.ts";

/** toFetch in this process: no server between, so nothing but dram can make a difference. */
export async function bootFetch(): Promise<Target> {
  const log: string[] = [];
  const errors: ErrorStream = {
    write: (line) => log.push(line.trimEnd()),
    writelines() {},
    flush() {},
  };
  const handle = route<[]>((application, options) => toFetch(application, { ...options, errors }));
  return {
    name: "fetch",
    log,
    async send({ method = "GET", path, headers = [], body }) {
      const controller = new AbortController();
      const response = await handle(
        new Request(`http://localhost:8787${path}`, {
          method,
          headers: headers.map(([name, value]): [string, string] => [name, value]),
          signal: controller.signal,
          ...(body === undefined ? {} : { body: toStream(body), duplex: "half" }),
        }),
      );
      const reader = response.body?.getReader();
      return {
        status: response.status,
        reason: response.statusText,
        headers: [...response.headers],
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
    },
    async close() {},
  };
}

function toStream(body: Uint8Array | AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  return ReadableStream.from(body instanceof Uint8Array ? [body] : body);
}
