// A Lambda function under AWS's own runtime client.

import type { IncomingMessage } from "node:http";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { functionBundling, makeBundleFolder } from "../../scripts/lambda/bundle.ts";
import { startFunction } from "../../scripts/lambda/function.ts";
import { urlStream } from "../../scripts/lambda/url.ts";
import { until } from "../../tests/targets/target.ts";
import type { State } from "./application.ts";
import { type Held, judgeGrowth } from "./growth.ts";
import { descriptors, resident } from "./memory.ts";
import { judge, mib, type Outcome } from "./part.ts";
import { AHEAD, stillState } from "./pressure.ts";
import { killAtExit } from "./server.ts";

interface SoakFunction {
  readonly pid: number;
  /** A request, of which the body of the response is for the caller to read. */
  invoke(path: string): Promise<IncomingMessage>;
  state(): Promise<State>;
}

/** G3, one invocation after the other, as Lambda has them. */
export function functionGrowth(
  warm: number,
  invocations: number,
  seconds: number,
): Promise<Outcome> {
  return running(async (served) => {
    const deadline = performance.now() + seconds * 1000;
    const hello = async (count: number): Promise<number> => {
      let made = 0;
      for (; made < count && performance.now() < deadline; made++) {
        for await (const _ of await served.invoke("/hello")) {
          // Read to its end.
        }
      }
      return made;
    };
    const held = async (): Promise<Held> => {
      const { heap } = await served.state();
      return { heap, rss: resident(served.pid), handles: descriptors(served.pid) };
    };
    await hello(warm);
    const before = await held();
    const made = await hello(invocations - warm);
    return judgeGrowth({ before, after: await held(), from: warm, to: warm + made });
  });
}

/** G7, downwards: the event of an invocation has the whole body of the request. */
export function functionPressure(): Promise<Outcome> {
  return running(async (served) => {
    const body = await served.invoke("/down?100000000");
    const { pulled } = await stillState(served.state);
    const ahead = pulled - body.readableLength;
    return judge(ahead <= AHEAD, `${mib(ahead)} pulled ahead of a client that does not read`);
  });
}

async function running(use: (served: SoakFunction) => Promise<Outcome>): Promise<Outcome> {
  const folder = await makeBundleFolder();
  const lines: string[] = [];
  const pid = (): number => Number(find(lines, "pid"));
  try {
    const entry = fileURLToPath(new URL("./servers/function.ts", import.meta.url));
    await build({ ...functionBundling(folder.path), entryPoints: [entry] });
    const served = startFunction(
      {
        folder: folder.path,
        timeout: 120_000,
        variables: { NODE_OPTIONS: "--expose-gc" },
        onLine: (line) => lines.push(line),
      },
      1,
    );
    const leave = killAtExit({ kill: (signal) => process.kill(pid(), signal) });
    const invoke = async (path: string): Promise<IncomingMessage> => {
      const outcome = await served.invoke(eventOf(path));
      if (outcome.kind !== "stream") {
        throw new Error(`${path}: ${JSON.stringify(outcome)}`);
      }
      return outcome.body;
    };
    try {
      for await (const _ of await invoke("/hello")) {
        // Started.
      }
      return await use({ pid: pid(), invoke, state: () => stateOf(pid(), lines) });
    } finally {
      leave();
      await served.close();
    }
  } finally {
    await folder.remove();
  }
}

async function stateOf(pid: number, lines: string[]): Promise<State> {
  lines.length = 0;
  lines.push(`pid ${pid}`);
  process.kill(pid, "SIGUSR2");
  await until(() => find(lines, "state") !== "");
  return JSON.parse(find(lines, "state"));
}

function find(lines: readonly string[], name: string): string {
  return lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? "";
}

function eventOf(path: string): string {
  const [raw = "", query = ""] = path.split("?");
  const site = { domain: urlStream.domain, scheme: "https", port: "443" } as const;
  return JSON.stringify(
    urlStream.toEvent(
      {
        method: "GET",
        path: raw,
        query,
        headers: [["host", site.domain]],
        body: Buffer.alloc(0),
        address: "192.0.2.7",
        time: Date.now(),
        id: "a-request",
      },
      site,
    ),
  );
}
