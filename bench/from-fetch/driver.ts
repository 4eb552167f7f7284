import { Hono } from "hono";
import type { Exchange } from "../run/inprocess.ts";
import { HEADERS } from "../run/servers.ts";

type Handler = (request: Request) => Response | Promise<Response>;

/** A way from a Fetch handler to a Fetch handler. */
export type Way = (handler: Handler) => Handler;

const hono = new Hono()
  .get("/path", (context) => context.text("Hello, world\n"))
  .post("/path", async (context) => context.text(await context.req.text()));

function plain(): Response {
  return new Response("Hello, world\n", { headers: { "content-type": "text/plain" } });
}

export function prepare({ way }: { way: Way }): Readonly<Record<string, Exchange>> {
  const viaHono = way((request) => hono.fetch(request));
  return {
    "a plain handler": exchange(way(plain), {}),
    "Hono, GET": exchange(viaHono, {}),
    "Hono, POST": exchange(viaHono, { method: "POST", body: "Hello, world\n" }),
  };
}

function exchange(handle: Handler, init: RequestInit): Exchange {
  const headers = { host: "localhost:8787", "x-forwarded-for": "192.0.2.1", ...HEADERS };
  const call = async (): Promise<string> =>
    (await handle(new Request("http://localhost:8787/path?query=1", { headers, ...init }))).text();
  return { call, answer: call };
}
