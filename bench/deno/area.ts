import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { DENO, DENO_ENV } from "../../tests/targets/deno.ts";
import type { Area } from "../run/area.ts";
import { bundle } from "../run/bundle.ts";
import { peers } from "../run/peers.ts";
import { stop } from "../run/process.ts";
import { compareServers, PAGES, type Server, withServers } from "../run/servers.ts";

export const area: Area = {
  about:
    "Servers on Deno: each a bundle under `deno serve`, a process on one core, the load on the other; bare is a Fetch handler.",
  async *measure(effort) {
    const { text, header, headers, echo, stream } = PAGES;
    const pages = effort.quick ? [text, headers, echo] : [text, header, headers, echo, stream];
    const bundles = await bundle(peers("deno", ["bare", "dram", "hono", "hattip"]), "deno");
    try {
      yield* withServers(
        Object.entries(bundles.paths).map(
          ([name, path]) =>
            () =>
              serve(name, path),
        ),
        (servers) => compareServers(servers, pages, effort),
      );
    } finally {
      await bundles.remove();
    }
  },
};

async function serve(name: string, path: string): Promise<Server> {
  const parameters = ["serve", "--host", "127.0.0.1", "--port", "0", path];
  const child = spawn(DENO, parameters, { env: DENO_ENV, stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  for await (const line of createInterface({ input: child.stderr })) {
    log += `${line}\n`;
    const port = /Listening on http:\S+:(\d+)/.exec(line)?.[1];
    if (port !== undefined) {
      child.stderr.resume();
      return { name, port: Number(port), pid: child.pid, close: () => stop(child) };
    }
  }
  throw new Error(`Deno does not serve: ${log}`);
}
