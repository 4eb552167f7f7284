// `npm run soak:fastcgi`: leaks and memory of dram/fastcgi under long load. Exits with 1 if a figure is
// missed.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import {
  ABORT,
  begin,
  get,
  PARAMS,
  pairs,
  record,
  STDIN,
  stream,
  variablesOf,
} from "../tests/targets/fastcgi-client.ts";
import { CONNECTIONS, settled } from "./soak-aborts.ts";
import { ask, MIB, type Server, start, tell, watch } from "./soaking.ts";

const ABORTS = 20_000;
const REQUESTS = 100_000;
const STREAMED = 1024 ** 3;
/** A request is over: END_REQUEST for request 1. */
const END = Buffer.from([1, 3, 0, 1, 0, 8, 0, 0]);

for (const part of [aborts, requests, download, upload]) {
  const server = await start("fastcgi");
  try {
    await part(server);
  } finally {
    server.child.kill("SIGKILL");
  }
}

/** G2: a web server that leaves in mid-download, or aborts the request, leaves nothing open. */
async function aborts(server: Server): Promise<void> {
  const begun = performance.now();
  let left = ABORTS;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (left-- > 0) {
        const socket = await open(server);
        socket.write(get("/abort"));
        await once(socket, "data");
        if (left % 10 !== 0) {
          socket.resetAndDestroy();
        } else {
          const ended = endOf(socket);
          socket.write(record(ABORT, 1));
          await ended;
          socket.destroy();
        }
      }
    }),
  );
  const { started, closed } = await settled(() => ask(server));
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  tell(
    started === ABORTS && closed === ABORTS,
    `G2 ${ABORTS} aborted downloads in ${seconds} s: ${started} bodies started, ${closed} closed`,
  );
}

/** What one request leaves behind would be seen after so many. */
async function requests(server: Server): Promise<void> {
  await hello(server, REQUESTS);
  const before = await ask(server);
  await hello(server, REQUESTS);
  const after = await ask(server);
  const heap = (after.heap - before.heap) / MIB;
  const rss = (after.rss - before.rss) / MIB;
  tell(
    heap <= 2,
    `G3 growth over ${REQUESTS} requests, ten on a connection: heap ${heap.toFixed(1)} MiB (at most 2), process ${rss.toFixed(1)} MiB`,
  );
}

async function hello(server: Server, count: number): Promise<void> {
  const request = get("/down?1");
  let left = count;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (left > 0) {
        const socket = await open(server);
        for (let turn = 0; turn < 10 && left-- > 0; turn++) {
          const ended = endOf(socket);
          socket.write(request);
          await ended;
        }
        socket.destroy();
      }
    }),
  );
}

/** G5: a stream takes no more memory however long it is. */
async function download(server: Server): Promise<void> {
  const before = await ask(server);
  const socket = await open(server);
  let size = 0;
  socket.on("data", (data) => {
    size += data.length;
  });
  const ended = once(socket, "close");
  socket.write(get(`/down?${STREAMED}`, 1, { keep: false }));
  const begun = performance.now();
  const peak = await watch(server, ended);
  report("down", size >= STREAMED, begun, peak - before.rss, 64);
}

async function upload(server: Server): Promise<void> {
  const before = await ask(server);
  const socket = await open(server);
  const variables = variablesOf({ path: "/up", method: "POST" });
  socket.write(Buffer.concat([begin(1), stream(PARAMS, 1, pairs(variables))]));
  const block = stream(STDIN, 1, Buffer.alloc(16 * 65_528), 65_528).subarray(0, -8);
  const begun = performance.now();
  const ended = endOf(socket);
  const peak = await watch(server, feed(socket, block, ended));
  // Node's allocator keeps as much of a bare node:http server that is sent a long body.
  report("up", (await ended).includes(String(STREAMED)), begun, peak - before.rss, 128);
  socket.destroy();
}

async function feed(socket: Socket, block: Buffer, ended: Promise<unknown>): Promise<void> {
  let left = STREAMED;
  for (; left >= 16 * 65_528; left -= 16 * 65_528) {
    if (!socket.write(block)) {
      await once(socket, "drain");
    }
  }
  socket.write(stream(STDIN, 1, Buffer.alloc(left), 65_528));
  await ended;
}

function report(way: string, whole: boolean, begun: number, growth: number, most: number): void {
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const gib = STREAMED / 1024 ** 3;
  tell(
    whole && growth <= most * MIB,
    `G5 ${gib} GiB ${way} in ${seconds} s, growth ${(growth / MIB).toFixed(1)} MiB (at most ${most})`,
  );
}

/** Resolves with what came, at most its last 4 KiB, as soon as a request has ended in it. */
function endOf(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let tail = Buffer.alloc(0);
    const take = (data: Buffer): void => {
      tail = Buffer.concat([tail, data]).subarray(-4096);
      if (tail.includes(END)) {
        socket.off("data", take);
        resolve(tail.toString("latin1"));
      }
    };
    socket.on("data", take);
  });
}

async function open({ port }: Server): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}
