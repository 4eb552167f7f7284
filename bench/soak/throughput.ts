// G4: a hello costs little more than by hand. The bench has the stricter goals, and more rounds.

import { COMPLETE } from "../run/area.ts";
import { installPeers, peers } from "../run/peers.ts";
import { endFamily } from "../run/process.ts";
import { ratio } from "../run/results.ts";
import { startModule } from "../run/servermodule.ts";
import { compareServers, PAGES, withServers } from "../run/servers.ts";
import { judge, type Outcome } from "./part.ts";

export async function throughput(): Promise<Outcome> {
  installPeers();
  process.once("exit", endFamily);
  const starts = Object.entries(peers("node", ["bare", "dram", "hono"])).map(
    ([name, module]) =>
      () =>
        startModule(name, module),
  );
  const cells = withServers(starts, (servers) => compareServers(servers, [PAGES.text], COMPLETE));
  let figures = [0, 0];
  for await (const cell of cells) {
    figures = [ratio(cell, "dram") ?? 0, ratio(cell, "dram", "hono") ?? 0];
  }
  const [ofBare = 0, ofHono = 0] = figures;
  return judge(
    ofBare >= 0.7 && ofHono >= 0.85,
    `${ofBare.toFixed(2)} of bare, ${ofHono.toFixed(2)} of @hono/node-server`,
  );
}
