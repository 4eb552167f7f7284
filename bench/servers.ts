import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Load } from "./node-load.ts";
import { ask, start } from "./process.ts";
import { report } from "./report.ts";

const ROUNDS = 9;
const ROUND_MS = 1000;
/** Requests to each candidate before any is timed: before that its time is the compiler's. */
const WARM_UP = 40_000;
const HEADERS = [
  "Host: localhost",
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)",
  "Accept: text/html,application/xhtml+xml",
  "Accept-Encoding: gzip, deflate, br",
  "Accept-Language: en",
  "Cookie: session=0123456789abcdef",
];
const BODY = "0123456789abcdef".repeat(64);
const HELLO = "\r\n\r\nHello, world\n";

const parts: [title: string, request: string, end: string][] = [
  ["hello as text", ["GET /text HTTP/1.1", ...HEADERS, "", ""].join("\r\n"), HELLO],
  ["hello as bytes", ["GET /bytes HTTP/1.1", ...HEADERS, "", ""].join("\r\n"), HELLO],
  [
    "echo of 1 kB",
    [
      ...["POST /echo HTTP/1.1", ...HEADERS, "Content-Type: text/plain"],
      ...[`Content-Length: ${BODY.length}`, "", BODY],
    ].join("\r\n"),
    BODY,
  ],
];

/** Loads candidates of node-server.ts with requests, each as a ratio of the first one. */
export async function compareServers(names: readonly string[]): Promise<void> {
  // Servers on one core, load on the other: only then does the server's own work decide.
  const servers = await Promise.all(
    names.map(async (name): Promise<Server> => {
      const child = start("./node-server.ts", 0, name);
      const [port]: number[] = await once(child, "message");
      return { name, child, port: port ?? 0 };
    }),
  );
  const generator = start("./node-load.ts", 1);
  try {
    for (const part of parts) {
      await compare(servers, generator, part);
    }
  } finally {
    for (const child of [generator, ...servers.map(({ child }) => child)]) {
      child.kill("SIGKILL");
    }
  }
}

interface Server {
  readonly name: string;
  readonly child: ChildProcess;
  readonly port: number;
}

async function compare(
  servers: readonly Server[],
  generator: ChildProcess,
  [title, request, end]: (typeof parts)[number],
): Promise<void> {
  await checkAnswers(servers, title, request);
  const rates = new Map<string, number[]>(servers.map(({ name }) => [name, []]));
  const costs = new Map<string, number[]>(servers.map(({ name }) => [name, []]));
  for (const { port } of servers) {
    const load: Load = { port, request, end, milliseconds: ROUND_MS };
    for (let sent = 0; sent < WARM_UP; ) {
      sent += ((await ask(generator, load)) * ROUND_MS) / 1000;
    }
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, child, port } of servers) {
      const load: Load = { port, request, end, milliseconds: ROUND_MS };
      const before = await ask(child, "cpu");
      const rate = await ask(generator, load);
      const cost = (await ask(child, "cpu")) - before;
      rates.get(name)?.push(rate);
      costs.get(name)?.push((cost * 1_000_000) / (rate * ROUND_MS));
    }
  }
  report(`node, ${title}, requests per second`, rates, "/s", (rate, reference) => rate / reference);
  // On a busy machine the steadier figure of the two.
  report(
    `node, ${title}, CPU time of the server`,
    costs,
    "ns",
    (cost, reference) => reference / cost,
  );
}

/** A candidate that answers otherwise is not faster but wrong. */
async function checkAnswers(
  servers: readonly Server[],
  title: string,
  request: string,
): Promise<void> {
  const [method = "", path = ""] = request.split(" ");
  const body = request.slice(request.indexOf("\r\n\r\n") + 4);
  const answers = await Promise.all(
    servers.map(async ({ port }) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        ...(body === "" ? {} : { body }),
      });
      const type = response.headers.get("content-type");
      return [response.status, type, await response.text()].join(" ");
    }),
  );
  if (new Set(answers).size !== 1) {
    throw new Error(`${title}: the candidates answer differently: ${answers.join(" / ")}`);
  }
}
