// G5: a stream takes no more memory however long it is.

import { once } from "node:events";
import type { Socket } from "node:net";
import { median } from "../run/statistics.ts";
import { endOf, open } from "./client.ts";
import { forgetPeak, peak, resident } from "./memory.ts";
import { judge, mib, type Outcome } from "./part.ts";
import { BARE, type Dram, type Platform, type SoakServer, serving } from "./server.ts";

const PIECE: Buffer = Buffer.alloc(16 * 65_528);

/** Below, the ratio to what the platform's own allocator keeps says nothing. */
const LEAST = 64 * 2 ** 20;

const ROUNDS = 3;

export async function download(platform: Platform, size: number): Promise<Outcome> {
  const { growth, seconds, whole } = await streamed(platform, async (server) => {
    const { socket } = await open(server);
    let received = 0;
    socket.on("data", (data) => {
      received += data.length;
    });
    const ended = endOf(socket, server.protocol);
    socket.write(server.protocol.get(`/down?${size}`));
    await ended;
    socket.destroy();
    return received >= size;
  });
  return judge(whole && growth <= LEAST, `${mib(growth)}, ${seconds.toFixed(1)} s`);
}

/**
 * Beside what is served by hand, and sent the same: in turns, and by medians, because it is chance
 * when the garbage of either is collected.
 */
export async function upload(platform: Dram, size: number): Promise<Outcome> {
  const bare: Streamed[] = [];
  const dram: Streamed[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await send(BARE[platform], size));
    dram.push(await send(platform, size));
  }
  const growth = median(dram.map((round) => round.growth));
  const growthOfBare = median(bare.map((round) => round.growth));
  const allowed = Math.max(growthOfBare * 1.15, LEAST);
  return judge(
    dram.every(({ whole }) => whole) && growth <= allowed,
    `${mib(growth)}, ${seconds(dram)}; bare ${mib(growthOfBare)}, ${seconds(bare)}`,
  );
}

function seconds(rounds: readonly Streamed[]): string {
  return `${median(rounds.map((round) => round.seconds)).toFixed(1)} s`;
}

function send(platform: Platform, size: number): Promise<Streamed> {
  return streamed(platform, async (server) => {
    const { protocol } = server;
    const { socket } = await open(server);
    const answered = new Promise<string>((resolve, reject) => {
      let received = Buffer.alloc(0);
      socket.on("data", (data) => {
        received = Buffer.concat([received, data]);
        if (protocol.isWhole(received)) {
          resolve(protocol.read(received));
        }
      });
      socket.on("close", () => reject(new Error("broken off")));
    });
    socket.write(protocol.post("/up", size));
    await feed(socket, size, protocol.piece);
    socket.write(protocol.end);
    const answer = await answered;
    socket.destroy();
    return answer.includes(String(size));
  });
}

async function feed(socket: Socket, size: number, frame: (piece: Buffer) => Buffer): Promise<void> {
  const whole = frame(PIECE);
  for (let left = size; left > 0; left -= PIECE.length) {
    const bytes = left < PIECE.length ? frame(PIECE.subarray(0, left)) : whole;
    if (!socket.write(bytes)) {
      await once(socket, "drain");
    }
  }
}

interface Streamed {
  /** Bytes between the memory before and the highest since. */
  readonly growth: number;
  readonly seconds: number;
  readonly whole: boolean;
}

function streamed(
  platform: Platform,
  exchange: (server: SoakServer) => Promise<boolean>,
): Promise<Streamed> {
  return serving(platform, async (server) => {
    const { pid } = server;
    const { socket, ask } = await open(server);
    // What the first request alone takes is no growth.
    await ask("/hello");
    socket.destroy();
    const before = resident(pid);
    forgetPeak(pid);
    const begun = performance.now();
    const whole = await exchange(server);
    const seconds = (performance.now() - begun) / 1000;
    return { growth: peak(pid) - before, seconds, whole };
  });
}
