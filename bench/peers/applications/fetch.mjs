// The pages of run/servers.ts by the Fetch API alone.

const PLAIN = { headers: { "content-type": "text/plain; charset=utf-8" } };
const BYTES = new TextEncoder().encode("Hello, world\n");
const CHUNK = new Uint8Array(2 ** 16);

export function fetch(request) {
  switch (new URL(request.url).pathname) {
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
}

async function echo(request) {
  return new Response(await request.arrayBuffer(), PLAIN);
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
