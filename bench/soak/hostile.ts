// G8: among clients that send what they must not, the others are served.

import { corpus, expand } from "../../tests/hostile/corpus.ts";
import { type Manner, pieces } from "../../tests/hostile/deliver.ts";
import { askState, atOnce, CONNECTIONS, open } from "./client.ts";
import { isAlive, resident } from "./memory.ts";
import { count, judge, mib, type Outcome, wait } from "./part.ts";
import { fastcgi } from "./protocol.ts";
import { newSeed, pick, randomOf } from "./random.ts";
import { type Platform, type Served, type SoakServer, serving } from "./server.ts";

const HOSTILE: Served = {
  module: new URL("./servers/hostile.ts", import.meta.url),
  worker: new URL("./servers/hostile-worker.ts", import.meta.url),
};

/** Milliseconds for which a hostile client waits. */
const PATIENCE = 300;

/** The share of the time before memory is first looked at. */
const WARM = 1 / 6;

export function hostile(platform: Platform, seconds: number): Promise<Outcome> {
  const seed = newSeed();
  const random = randomOf(seed);
  const next = platform === "fastcgi" ? records(random) : requests(random);
  return serving(
    platform,
    async (server) => {
      const tally = { good: 0, answered: 0, bad: 0 };
      const begun = performance.now();
      const run = (until: number): Promise<void> =>
        atOnce(CONNECTIONS, async () => {
          while (performance.now() - begun < until * 1000 && isAlive(server.pid)) {
            if (random() < 0.1) {
              tally.good++;
              const served = await isServed(server);
              tally.answered += served ? 1 : 0;
            } else {
              tally.bad++;
              await send(server, next(), random);
            }
          }
        });
      await run(seconds * WARM);
      await askState(server);
      const before = resident(server.pid);
      await run(seconds);
      const alive = isAlive(server.pid) && (await isServed(server));
      await askState(server);
      const growth = resident(server.pid) - before;
      return judge(
        alive && tally.good > 0 && tally.answered === tally.good && growth <= 16 * 2 ** 20,
        `${count(tally.answered)} of ${count(tally.good)} good requests answered among ${count(tally.bad)} hostile ones, ${alive ? "no crash" : "crashed"}, ${mib(growth)}, seed ${seed}`,
      );
    },
    HOSTILE,
  );
}

async function isServed(server: SoakServer): Promise<boolean> {
  try {
    const { socket, ask } = await open(server);
    const response = await ask("/good?yes");
    socket.destroy();
    return response.includes(" 200 OK\r\n") && response.includes('"QUERY_STRING":"yes"');
  } catch {
    return false;
  }
}

/** Bytes as U+0000 to U+00FF, and whether the client ends its side behind them. */
interface Sent {
  readonly bytes: string;
  readonly halfClose: boolean;
}

function requests(random: () => number): () => Sent {
  const raw = corpus.filter(({ platform }) => platform === "http-raw");
  return () => {
    const { input } = pick(raw, random);
    return { bytes: expand(input.raw ?? ""), halfClose: input.half_close ?? random() < 0.2 };
  };
}

/** Those of the corpus, which are few, and good ones with some bytes changed, or cut off. */
function records(random: () => number): () => Sent {
  const raw = corpus.flatMap(({ input }) =>
    input.hex === undefined ? [] : [Buffer.from(input.hex, "hex").toString("latin1")],
  );
  return () => {
    const halfClose = random() < 0.2;
    return { bytes: random() < 0.3 ? pick(raw, random) : mutated(random), halfClose };
  };
}

function mutated(random: () => number): string {
  const bytes = Buffer.from(fastcgi.get("/mutated?a=1", "an-id"));
  for (let changes = 1 + Math.floor(random() * 4); changes > 0; changes--) {
    bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
  }
  const length = random() < 0.3 ? Math.floor(random() * bytes.length) : bytes.length;
  return bytes.toString("latin1", 0, length);
}

async function send(server: SoakServer, sent: Sent, random: () => number): Promise<void> {
  const { bytes, halfClose } = sent;
  const { socket } = await open(server).catch(() => ({ socket: undefined }));
  if (socket === undefined) {
    return;
  }
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.resume();
  // A byte at a time is for short ones: 140,000 writes would be a soak of the client.
  const manners: readonly Manner[] =
    bytes.length < 1000
      ? ["whole", "byte by byte", "in random pieces"]
      : ["whole", "in random pieces"];
  for (const piece of pieces(bytes, pick(manners, random), String(random()))) {
    if (socket.destroyed) {
      return;
    }
    await new Promise((resolve) => socket.write(piece, "latin1", resolve));
  }
  if (halfClose) {
    socket.end();
  }
  await Promise.race([closed, wait(PATIENCE * random())]);
  socket.resetAndDestroy();
}
