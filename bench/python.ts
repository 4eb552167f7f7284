// `npm run bench:python`: Flask on fromPython and on a synchronous worker of gunicorn's, each on one
// core. Needs the packages of `npm run python:packages`, and ab.

import { execFile, execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { bootGunicorn } from "../tests/targets/gunicorn.ts";
import { bootNode } from "../tests/targets/node.ts";
import { site } from "../tests/targets/pythonsite.ts";
import type { Target } from "../tests/targets/target.ts";
import { report } from "./report.ts";

const ROUNDS = 5;
const REQUESTS = 1500;

const packages = [fileURLToPath(new URL("peers", import.meta.url)), site("flask")];
const flask = "flaskhello:app";
/** As on Node 22, and as on a runtime that has it. */
const WITHOUT_JSPI =
  "--import=data:text/javascript,delete WebAssembly.Suspending;delete WebAssembly.promising";

// The servers, which inherit it, have a core of their own; ab has the other.
execFileSync("taskset", ["-acp", "0", String(process.pid)], { stdio: "ignore" });

type Server = Target & { readonly port: number };

const servers: Record<string, Server> = {
  gunicorn: await bootGunicorn({ app: flask, site: packages }),
  "Pyodide, JSPI": await bootPython(),
  "Pyodide, no JSPI": await bootPython(WITHOUT_JSPI),
};

for (const [title, path, ...parameters] of [
  ["GET, 13 bytes", "/"],
  ["POST of JSON", "/json", "-T", "application/json", "-p", bodyFile()],
  ["GET, 13 bytes, connections kept (not by gunicorn)", "/", "-k"],
] as const) {
  const measured = new Map<string, number[]>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, { port }] of Object.entries(servers)) {
      const values = measured.get(name) ?? [];
      measured.set(name, [...values, await load(port, path, parameters)]);
    }
  }
  report(title, measured, "requests/s", (median, reference) => median / reference);
}

for (const server of Object.values(servers)) {
  await server.close();
}

function bootPython(...flags: string[]): Promise<Server> {
  const module = new URL("../tests/python/serving.ts", import.meta.url);
  module.searchParams.set("options", JSON.stringify({ app: flask, site: packages }));
  return bootNode({ module: module.href, flags });
}

/** Requests per second. */
async function load(port: number, path: string, parameters: readonly string[]): Promise<number> {
  const ab = ["ab", "-q", "-n", String(REQUESTS), "-c", "4", ...parameters];
  const { stdout } = await promisify(execFile)("taskset", [
    ...["-c", "1", ...ab],
    `http://127.0.0.1:${port}${path}`,
  ]);
  if (!/Failed requests: +0\n/.test(stdout) || stdout.includes("Non-2xx")) {
    throw new Error(`ab has seen failures:\n${stdout}`);
  }
  return Number(/Requests per second: +([\d.]+)/.exec(stdout)?.[1]);
}

function bodyFile(): string {
  return fileURLToPath(
    new URL("../tests/fixtures/events/p5-aws-lambda/alb-get-request.json", import.meta.url),
  );
}
