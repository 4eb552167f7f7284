import type { Area, Effort } from "../run/area.ts";
import { compareInProcess } from "../run/inprocess.ts";
import { modules, peers } from "../run/peers.ts";
import type { Cell } from "../run/results.ts";
import { startModule } from "../run/servermodule.ts";
import { compareServers, PAGES, withServers } from "../run/servers.ts";

const EVENTS = ["v2 hello", "v2 POST 2 kB JSON", "v2 100 kB binary"];

export const area: Area = {
  about:
    "Listeners of node:http and Express as applications by `fromNode`: on a server beside themselves, and on Lambda in process beside the libraries that people use there.",
  async *measure(effort) {
    yield* onServers("a listener", "bare", "listener", effort);
    yield* onServers("Express", "express", "express", effort);
    yield* onLambda("a listener", "serverless-http", "lambda-listener", effort);
    yield* onLambda("Express", "serverless-express", "lambda-express", effort);
  },
};

async function* onServers(
  what: string,
  peer: string,
  bridged: string,
  effort: Effort,
): AsyncGenerator<Cell> {
  const candidates = sides("node", peer, bridged);
  const { text, echo } = PAGES;
  const cells = withServers(
    Object.entries(candidates).map(
      ([name, module]) =>
        () =>
          startModule(name, module),
    ),
    (servers) => compareServers(servers, [text, echo], effort),
  );
  yield* titled(`${what} on a server`, cells);
}

function onLambda(
  what: string,
  peer: string,
  bridged: string,
  effort: Effort,
): AsyncGenerator<Cell> {
  const driver = new URL("../lambda/driver.ts", import.meta.url);
  const cells = compareInProcess(driver, sides("lambda", peer, bridged), EVENTS, effort);
  return titled(`${what} on Lambda`, cells);
}

function sides(folder: string, peer: string, bridged: string): Record<string, URL> {
  const [module] = Object.values(modules("from-node", [bridged]));
  return { ...peers(folder, [peer]), ...(module ? { "dram fromNode": module } : {}) };
}

async function* titled(what: string, cells: AsyncIterable<Cell>): AsyncGenerator<Cell> {
  for await (const cell of cells) {
    yield { ...cell, title: `${what}: ${cell.title}` };
  }
}
