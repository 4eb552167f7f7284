// The pages of run/servers.ts by the Fetch API alone.

import { pathOf } from "./path.mjs";

const PLAIN = { headers: { "content-type": "text/plain; charset=utf-8" } };
const BYTES = new TextEncoder().encode("Hello, world\n");
const CHUNK = new Uint8Array(2 ** 16);

export const fetch = pages(Response);

/** The same by a class that a library has in the place of `Response`. */
export function pages(Response) {
  async function echo(request) {
    return new Response(await request.arrayBuffer(), PLAIN);
  }
  return (request) => {
    switch (pathOf(request.url)) {
      case "/text":
        return new Response("Hello, world\n", PLAIN);
      case "/bytes":
        return new Response(BYTES, PLAIN);
      case "/header":
        return new Response(request.headers.get("user-agent"), PLAIN);
      case "/headers": {
        let length = 0;
        for (const [, value] of request.headers) {
          length += value.length;
        }
        return new Response(String(length), PLAIN);
      }
      case "/stream":
        return new Response(stream(), PLAIN);
      default:
        return echo(request);
    }
  };
}

export function stream() {
  let count = 0;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(CHUNK);
      if (++count === 1024) {
        controller.close();
      }
    },
  });
}
