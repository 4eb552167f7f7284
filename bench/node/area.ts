import type { Area } from "../run/area.ts";
import { peers } from "../run/peers.ts";
import { startModule } from "../run/servermodule.ts";
import { compareServers, PAGES, withServers } from "../run/servers.ts";

const PEERS = ["bare", "dram", "dram toNode", "hono", "srvx", "hattip", "fastify", "express"];

export const area: Area = {
  about:
    "Servers on Node, each a process on one core, the load on the other. dram is `serve`, dram toNode is the listener in a server of the user's own; bare is node:http.",
  async *measure(effort) {
    const { text, bytes, headers, echo, stream } = PAGES;
    const pages = effort.quick ? [text, echo] : [text, bytes, headers, echo, stream];
    const candidates = peers("node", PEERS);
    yield* withServers(
      Object.entries(candidates).map(
        ([name, module]) =>
          () =>
            startModule(name, module),
      ),
      (servers) => compareServers(servers, pages, effort),
    );
  },
};
