import type { Application } from "dram";
import { toFetch } from "dram/fetch";
import { fromFetch } from "dram/from/fetch";
import { Hono } from "hono";
import { compare } from "./compare.ts";

const HEADERS = {
  host: "localhost:8787",
  accept: "text/html,application/xhtml+xml",
  "accept-encoding": "gzip, deflate, br",
  "accept-language": "en",
  "cache-control": "no-cache",
  cookie: "session=0123456789abcdef",
  dnt: "1",
  referer: "http://localhost:8787/",
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)",
  "x-forwarded-for": "192.0.2.1",
};

type Handler = (request: Request) => Response | Promise<Response>;

const hono = new Hono()
  .get("/path", (context) => context.text("Hello, world\n"))
  .post("/path", async (context) => context.text(await context.req.text()));

function plain(): Response {
  return new Response("Hello, world\n", { headers: { "content-type": "text/plain" } });
}

function get(handle: Handler): () => Promise<string> {
  return async () => {
    const request = new Request("http://localhost:8787/path?query=1", { headers: HEADERS });
    return (await handle(request)).text();
  };
}

function post(handle: Handler): () => Promise<string> {
  return async () => {
    const init = { method: "POST", headers: HEADERS, body: "Hello, world\n" };
    return (await handle(new Request("http://localhost:8787/path", init))).text();
  };
}

/** As a middleware that changes the request and the response: nothing native can be handed through. */
function touched(application: Application): Application {
  return (environ, startResponse) =>
    application({ ...environ, HTTP_X_TOUCHED: "1" }, (status, headers, error) =>
      startResponse(status, [...headers, ["X-Touched", "1"]], error),
    );
}

for (const [title, handler, exchange] of [
  ["a plain handler", plain, get],
  ["Hono, GET", (request: Request) => hono.fetch(request), get],
  ["Hono, POST", (request: Request) => hono.fetch(request), post],
] as const) {
  await compare(`fromFetch, in process: ${title}`, {
    bare: exchange(handler),
    untouched: exchange(toFetch(fromFetch(handler))),
    touched: exchange(toFetch(touched(fromFetch(handler)))),
  });
}
