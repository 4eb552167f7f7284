import type { Effort } from "./area.ts";
import { type Candidate, compare } from "./compare.ts";
import { type LoadRequest, load } from "./load.ts";
import { cpuOf, takeCore } from "./process.ts";
import type { Cell } from "./results.ts";

/** A server that runs. */
export interface Server {
  readonly name: string;
  readonly port: number;
  /** Of the process whose CPU time counts, with its children. */
  readonly pid?: number | undefined;
  close(): unknown;
}

/** What servers are asked. */
export interface Page extends Partial<LoadRequest> {
  readonly title: string;
  readonly path: string;
  /** For a long body, whose bytes are counted instead of requests. */
  readonly stream?: boolean;
  /** Default: 32, and 4 for a stream. */
  readonly connections?: number;
}

/** What a browser sends. */
export const HEADERS: Readonly<Record<string, string>> = {
  "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)",
  Accept: "text/html,application/xhtml+xml",
  "Accept-Encoding": "gzip, deflate, br",
  "Accept-Language": "en",
  "Cache-Control": "no-cache",
  Cookie: "session=0123456789abcdef",
  DNT: "1",
  Referer: "http://localhost:8787/",
};

type PageName = "text" | "bytes" | "header" | "headers" | "echo" | "stream";

/** The pages that the applications of every area with a server have. */
export const PAGES: Readonly<Record<PageName, Page>> = {
  text: { title: "hello as text", path: "/text" },
  bytes: { title: "hello as bytes", path: "/bytes" },
  header: { title: "one header read", path: "/header" },
  headers: { title: "all headers read", path: "/headers" },
  echo: {
    title: "echo of 1 kB",
    path: "/echo",
    method: "POST",
    body: "0123456789abcdef".repeat(64),
    headers: { ...HEADERS, "Content-Type": "text/plain" },
  },
  stream: { title: "64 MiB streamed", path: "/stream", stream: true },
};

/** Starts servers, all on one core, and closes them in the end, whatever happens. */
export async function* withServers(
  starts: readonly (() => Promise<Server>)[],
  measure: (servers: readonly Server[]) => AsyncIterable<Cell>,
): AsyncGenerator<Cell> {
  const servers: Server[] = [];
  takeCore("first");
  try {
    for (const start of starts) {
      servers.push(await start());
    }
    yield* measure(servers);
  } finally {
    for (const server of servers) {
      await server.close();
    }
    takeCore("all");
  }
}

/** Loads servers with one page after the other. The first server is the reference. */
export async function* compareServers(
  servers: readonly Server[],
  pages: readonly Page[],
  { warmUpRequests, warmUpMs, loadRounds, loadMs }: Effort,
): AsyncGenerator<Cell> {
  const [first] = pages;
  for (const page of pages) {
    const sides = servers.map(
      (server): Candidate => ({
        name: server.name,
        answer: () => answerOf(server.port, page),
        warmUp: () => warmUp(server, page, warmUpMs, page === first ? warmUpRequests : 0),
        round: () => loaded(server, page, loadMs),
      }),
    );
    const unit = page.stream ? "MB/s" : "/s";
    yield await compare({ title: page.title, unit, better: "more" }, sides, loadRounds);
  }
}

/** Until so many requests have been answered, or a slow server has had time for them. */
async function warmUp(
  server: Server,
  page: Page,
  milliseconds: number,
  requests: number,
): Promise<void> {
  let left = requests;
  for (let round = 0; round === 0 || (left > 0 && round < 8); round++) {
    left -= ((await loaded(server, page, milliseconds)).value * milliseconds) / 1000;
  }
}

async function loaded(
  { port, pid }: Server,
  page: Page,
  milliseconds: number,
): Promise<{ value: number; cpu: number | undefined }> {
  const { stream, method = "GET", path, headers = HEADERS, body = "" } = page;
  const { connections = stream ? 4 : 32 } = page;
  const request = { method, path, headers, body };
  const before = pid === undefined ? undefined : cpuOf(pid);
  const done = await load({ port, request, connections, milliseconds });
  const after = pid === undefined ? undefined : cpuOf(pid);
  const count = stream ? done.bytes / 2 ** 26 : done.requests;
  return {
    value: stream ? done.bytes / 1000 / done.milliseconds : (count * 1000) / done.milliseconds,
    cpu: before === undefined || after === undefined ? undefined : (after - before) / count,
  };
}

/** Status, type and body; of a stream its length. */
async function answerOf(
  port: number,
  { stream, method = "GET", path, headers = HEADERS, body = "" }: Page,
): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers,
    ...(body === "" ? {} : { body }),
  });
  const bytes = await response.bytes();
  const said = stream ? `${bytes.length} bytes` : Buffer.from(bytes).toString();
  return `${response.status} ${response.headers.get("content-type")} ${said}`;
}
