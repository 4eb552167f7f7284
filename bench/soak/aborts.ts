// G1, G2: a client that leaves in mid-download leaves nothing open.

import { askState, atOnce, begin, CONNECTIONS, endOf, open } from "./client.ts";
import { count, judge, type Outcome, wait } from "./part.ts";
import { type Platform, type SoakServer, serving } from "./server.ts";

/** Begins downloads that have no end, and leaves each when some of it has come. */
export function aborts(platform: Platform, downloads: number): Promise<Outcome> {
  return serving(platform, async (server) => {
    const begun = performance.now();
    let left = downloads;
    await atOnce(CONNECTIONS, async () => {
      while (left-- > 0) {
        await (left % 20 === 0 ? abort(server) : leave(server));
      }
    });
    let { started, closed } = await askState(server);
    for (let waited = 0; closed < started && waited < 5000; waited += 100) {
      await wait(100);
      ({ started, closed } = await askState(server));
    }
    const seconds = ((performance.now() - begun) / 1000).toFixed(0);
    return judge(
      started === downloads && closed === downloads,
      `${count(started)} bodies begun, ${count(closed)} closed, ${seconds} s`,
    );
  });
}

async function leave(server: SoakServer): Promise<void> {
  const socket = await begin(server, "/abort");
  socket.resetAndDestroy();
}

/** Only the request ends, where the protocol can say so, and the connection stays. */
async function abort(server: SoakServer): Promise<void> {
  const { abort: bytes } = server.protocol;
  if (bytes === undefined) {
    await leave(server);
    return;
  }
  const { socket, ask } = await open(server);
  const ended = endOf(socket, server.protocol);
  socket.write(server.protocol.get("/abort"));
  await new Promise((resolve) => socket.once("data", resolve));
  socket.write(bytes);
  await ended;
  await ask("/hello");
  socket.destroy();
}
