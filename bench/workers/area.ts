import type { Area } from "../run/area.ts";
import { bundle } from "../run/bundle.ts";
import { peers } from "../run/peers.ts";
import { compareServers, PAGES, withServers } from "../run/servers.ts";
import { startWorkerd } from "./workerd.ts";

export const area: Area = {
  about:
    "Workers in workerd, the program itself without Miniflare, with the compatibility flags of wrangler.toml: each a process on one core, the load on the other.",
  async *measure(effort) {
    const { text, headers, echo, stream } = PAGES;
    const pages = effort.quick ? [text, headers, echo] : [text, headers, echo, stream];
    const bundles = await bundle(peers("workers", ["bare", "dram", "hono", "hattip"]), "workers");
    try {
      yield* withServers(
        Object.entries(bundles.paths).map(
          ([name, path]) =>
            () =>
              startWorkerd(name, path),
        ),
        (servers) => compareServers(servers, pages, effort),
      );
    } finally {
      await bundles.remove();
    }
  },
};
