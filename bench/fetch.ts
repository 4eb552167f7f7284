import { type Application, text } from "dram";
import { toFetch } from "dram/fetch";
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

const hello: Application = (_environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain; charset=utf-8"]]);
  return text("Hello, world\n");
};

const bytes = new TextEncoder().encode("Hello, world\n");
const helloBytes: Application = (_environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain; charset=utf-8"]]);
  return [bytes];
};

function bare(): Response {
  return new Response("Hello, world\n", {
    status: 200,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}

/** Makes a request, has it answered and reads the answer: what one in-process exchange costs. */
function exchange(handle: (request: Request) => Response | Promise<Response>) {
  return async (): Promise<string> => {
    const request = new Request("http://localhost:8787/path?query=1", { headers: HEADERS });
    return (await handle(request)).text();
  };
}

/** The handler alone, on one request, nothing read. */
function call(handle: (request: Request) => Response | Promise<Response>) {
  const request = new Request("http://localhost:8787/path?query=1", { headers: HEADERS });
  return async (): Promise<string> => String((await handle(request)).status);
}

const dram = toFetch(hello);
const dramBytes = toFetch(helloBytes);

await compare("fetch, in process: Request, call, read", {
  bare: exchange(bare),
  "dram text()": exchange(dram),
  "dram [bytes]": exchange(dramBytes),
});
await compare("fetch, in process: the handler alone", {
  bare: call(bare),
  "dram text()": call(dram),
  "dram [bytes]": call(dramBytes),
});
