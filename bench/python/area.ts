import { fileURLToPath } from "node:url";
import { bootGunicorn, PYTHON } from "../../tests/targets/gunicorn.ts";
import { bootNode } from "../../tests/targets/node.ts";
import { hasSites, site } from "../../tests/targets/pythonsite.ts";
import type { Area } from "../run/area.ts";
import { family, memoryOf } from "../run/process.ts";
import { type Cell, type Figure, spread } from "../run/results.ts";
import { compareServers, HEADERS, type Page, type Server, withServers } from "../run/servers.ts";

const PEERS = fileURLToPath(new URL("../peers/python", import.meta.url));
/** As on a runtime without it. */
const WITHOUT_JSPI =
  "--import=data:text/javascript,delete WebAssembly.Suspending;delete WebAssembly.promising";
const CLOSE = { ...HEADERS, Connection: "close" };
const JSON_BODY = JSON.stringify({ items: Array.from({ length: 40 }, (_, id) => ({ id })) });
const JSON_HEADERS = { ...CLOSE, "Content-Type": "application/json" };

const PAGES: readonly Page[] = [
  { title: "GET", path: "/", headers: CLOSE, connections: 4 },
  {
    title: "POST of JSON",
    path: "/json",
    method: "POST",
    body: JSON_BODY,
    headers: JSON_HEADERS,
    connections: 4,
  },
  { title: "GET, connections kept (not by gunicorn)", path: "/", connections: 4 },
];

export const area: Area = {
  about:
    "A Flask hello by `fromPython` and `fromPythonProcess` behind `serve` of dram/node, beside one synchronous worker of gunicorn: each server with what it starts on one core, 4 connections from the other.",
  async *measure(effort) {
    if (!hasSites("flask", "gunicorn")) {
      throw new Error("there are no Python packages: npm run python:packages");
    }
    const firsts: Figure[] = [];
    yield* withServers(
      Object.entries(SERVERS).map(([name, boot]) => async () => {
        const begin = performance.now();
        const { port, pid, close } = await boot();
        const server = { name, port, pid, close };
        await (await fetch(`http://127.0.0.1:${port}/`)).text();
        firsts.push({ name, ...spread([performance.now() - begin]) });
        return server;
      }),
      async function* (servers) {
        yield* compareServers(servers, PAGES, { ...effort, loadMs: effort.loadMs * 2.5 });
        yield memory(servers);
      },
    );
    yield { title: "start to first response", unit: "ms", better: "less", figures: firsts };
  },
};

/** The first is what the others are compared with. */
const SERVERS: Readonly<Record<string, () => Promise<Omit<Server, "name">>>> = {
  gunicorn: () => bootGunicorn({ app: "flaskhello:app", site: [PEERS, site("flask")] }),
  "dram Pyodide": () => bootPyodide(),
  "dram Pyodide, no JSPI": () => bootPyodide(WITHOUT_JSPI),
  "dram process": async () => {
    Object.assign(process.env, { PYTHON, FLASK: site("flask") });
    return bootModule(new URL("./process-application.ts", import.meta.url));
  },
};

function bootPyodide(...flags: string[]): Promise<Omit<Server, "name">> {
  const module = new URL("../../tests/python/serving.ts", import.meta.url);
  const options = { app: "flaskhello:app", site: [PEERS, site("flask")] };
  module.searchParams.set("options", JSON.stringify(options));
  return bootModule(module, flags);
}

async function bootModule(module: URL, flags: string[] = []): Promise<Omit<Server, "name">> {
  const { port, process: child, close } = await bootNode({ module: module.href, flags });
  return { port, pid: child.pid, close };
}

/** Resident, of each server with what it has started. */
function memory(servers: readonly Server[]): Cell {
  const figures = servers.map(({ name, pid = 0 }) => {
    const sizes = family(pid).map(memoryOf);
    return { name, ...spread([sizes.reduce((sum, size) => sum + size, 0)]) };
  });
  return { title: "resident memory", unit: "B", better: "less", figures };
}
