import type { Exchange } from "../run/inprocess.ts";
import { HEADERS, PAGES, type Page } from "../run/servers.ts";

type Handler = (request: Request) => Response | Promise<Response>;

/** A `Request` made, the handler called, the `Response` read. */
export function prepare({ fetch }: { fetch: Handler }): Readonly<Record<string, Exchange>> {
  const { text, bytes, header, headers, echo } = PAGES;
  const exchanges = [text, bytes, header, headers, echo].map((page: Page): [string, Exchange] => [
    page.title,
    exchange(fetch, page),
  ]);
  const request = make(text);
  const alone: Exchange = {
    call: () => fetch(request),
    answer: async () => String((await fetch(request)).status),
  };
  return { ...Object.fromEntries(exchanges), "hello, the handler alone": alone };
}

function exchange(fetch: Handler, page: Page): Exchange {
  return {
    call: async () => (await fetch(make(page))).text(),
    async answer() {
      const response = await fetch(make(page));
      const type = response.headers.get("content-type");
      return `${response.status} ${type} ${await response.text()}`;
    },
  };
}

function make({ path, method, headers = HEADERS, body }: Page): Request {
  return new Request(`http://localhost:8787${path}?query=1`, {
    headers: { host: "localhost:8787", "x-forwarded-for": "192.0.2.1", ...headers },
    ...(method === undefined ? {} : { method }),
    ...(body === undefined ? {} : { body }),
  });
}
