// G6: connections that are idle.

import { askState, atOnce, CONNECTIONS, type Link, open } from "./client.ts";
import { resident } from "./memory.ts";
import { count, judge, mib, type Outcome } from "./part.ts";
import { type Platform, type SoakServer, serving } from "./server.ts";

/** Twice: in the second round it is seen what the first one has left. */
export async function connections(number: number): Promise<Outcome> {
  const bare = await measure("bare node", number);
  const dram = await measure("node", number);
  const ratio = dram.rss / bare.rss;
  return judge(
    ratio <= 1.25 && dram.errors === 0,
    `${mib(dram.rss)}, ${ratio.toFixed(2)} of bare (${mib(bare.rss)}), ${dram.errors} errors in 2 rounds of ${count(number)}`,
  );
}

interface Measured {
  readonly rss: number;
  readonly errors: number;
}

function measure(platform: Platform, number: number): Promise<Measured> {
  return serving(platform, async (server) => {
    const first = await round(server, number);
    const second = await round(server, number);
    return { rss: Math.max(first.rss, second.rss), errors: first.errors + second.errors };
  });
}

async function round(server: SoakServer, number: number): Promise<Measured> {
  const links: Link[] = [];
  let left = number;
  let errors = 0;
  await atOnce(CONNECTIONS, async () => {
    while (left-- > 0) {
      try {
        const link = await open(server);
        links.push(link);
        await link.ask("/hello");
      } catch {
        errors++;
      }
    }
  });
  await askState(server);
  const rss = resident(server.pid);
  // Each is still good for a request.
  await atOnce(CONNECTIONS, async () => {
    for (let link = links.pop(); link !== undefined; link = links.pop()) {
      try {
        await link.ask("/hello");
      } catch {
        errors++;
      }
      link.socket.resetAndDestroy();
    }
  });
  return { rss, errors };
}
