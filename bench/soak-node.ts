// `npm run soak`: leaks and memory of dram/node under long load, against node:http in the same run.
// Exits with 1 if a figure is missed.

import { once } from "node:events";
import type { Socket } from "node:net";
import { abortDownloads, CONNECTIONS, send, settled } from "./soak-aborts.ts";
import { ask, MIB, type Server, start, tell, watch } from "./soaking.ts";

const ABORTS = 100_000;
const STREAMED = 4 * 1024 ** 3;

for (const part of [aborts, requests, download, upload]) {
  // Each on processes of its own: what one part leaves in an allocator is not the next one's.
  const dram = await start("dram");
  const bare = await start("bare");
  try {
    await part(dram, bare);
  } finally {
    dram.child.kill("SIGKILL");
    bare.child.kill("SIGKILL");
  }
}

/** G1: a client that leaves in mid-download leaves nothing open. */
async function aborts(dram: Server): Promise<void> {
  const begin = performance.now();
  await abortDownloads(dram.port, ABORTS);
  const state = await settled(() => ask(dram));
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  tell(
    state.started === ABORTS && state.closed === ABORTS,
    `G1 ${ABORTS} aborted downloads in ${seconds} s: ${state.started} bodies started, ${state.closed} closed`,
  );
}

/** G3: what one request leaves behind would be seen after 400,000 of them. */
async function requests(dram: Server): Promise<void> {
  await hello(dram, 100_000);
  const { rss: before } = await ask(dram);
  await hello(dram, 400_000);
  const { rss: after } = await ask(dram);
  const growth = (after - before) / MIB;
  tell(growth <= 8, `G3 growth over 400,000 requests: ${growth.toFixed(1)} MiB (at most 8)`);
}

async function hello(server: Server, count: number): Promise<void> {
  const request = "GET /down?1 HTTP/1.1\r\nHost: a\r\n\r\n";
  const end = "\r\n0\r\n\r\n";
  let left = count;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const socket = await send(server.port, "");
      let tail = "";
      while (left-- > 0) {
        socket.write(request);
        for (tail = ""; !tail.endsWith(end); ) {
          const [data]: Buffer[] = await once(socket, "data");
          tail = (tail + data?.toString("latin1")).slice(-end.length);
        }
      }
      socket.destroy();
    }),
  );
}

/** G5: a stream takes no more memory however long it is. */
async function download(dram: Server, bare: Server): Promise<void> {
  for (const server of [bare, dram]) {
    const before = await ask(server);
    const begin = performance.now();
    const socket = await send(
      server.port,
      `GET /down?${STREAMED} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    );
    let size = 0;
    socket.on("data", (data) => {
      size += data.length;
    });
    const peak = await watch(server, once(socket, "close"));
    const growth = (peak - before.rss) / MIB;
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    const what = `G5 ${server.name}: 4 GiB down in ${seconds} s, growth ${growth.toFixed(1)} MiB`;
    if (server === dram) {
      tell(size >= STREAMED && growth <= 64, `${what} (at most 64)`);
    } else {
      console.log(`     ${what}`);
    }
  }
}

async function upload(dram: Server, bare: Server): Promise<void> {
  const growths: number[] = [];
  const piece = Buffer.alloc(1024 * 1024);
  for (const server of [bare, dram]) {
    const before = await ask(server);
    const begin = performance.now();
    const socket = await send(
      server.port,
      `POST /up HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${STREAMED}\r\n\r\n`,
    );
    let answer = "";
    socket.setEncoding("latin1").on("data", (data: string) => {
      answer += data;
    });
    const peak = await watch(server, feed(socket, piece));
    const growth = (peak - before.rss) / MIB;
    growths.push(growth);
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    const what = `G5 ${server.name}: 4 GiB up in ${seconds} s, growth ${growth.toFixed(1)} MiB`;
    if (server === dram) {
      // Both are mostly what Node's allocator keeps; below 64 MiB the ratio says nothing.
      const allowed = Math.max((growths[0] ?? 0) * 1.15, 64);
      const whole = answer.includes(String(STREAMED));
      tell(whole && growth <= allowed, `${what} (at most ${allowed.toFixed(1)})`);
    } else {
      console.log(`     ${what}`);
    }
  }
}

async function feed(socket: Socket, piece: Buffer): Promise<void> {
  const closed = once(socket, "close");
  for (let sent = 0; sent < STREAMED; sent += piece.length) {
    if (!socket.write(piece)) {
      await once(socket, "drain");
    }
  }
  await closed;
}
