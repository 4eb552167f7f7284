// G7: who does not read is not sent to.

import type { State } from "./application.ts";
import { askState, open } from "./client.ts";
import { inKernel } from "./memory.ts";
import { judge, mib, type Outcome, wait } from "./part.ts";
import { type Platform, type SoakServer, serving } from "./server.ts";

/** More than any buffers hold. */
const SIZE = 2 ** 30;
/** Milliseconds in which nothing moves any more. */
const STILL = 1000;

/** Bytes that an application may have been asked for beyond what its client has read. */
export const AHEAD: number = 8 * 2 ** 20;
/** Bytes that a gateway may have read of a body that its application does not read. */
const READ = 2 ** 20;

export function pressure(platform: Platform): Promise<Outcome> {
  return serving(platform, async (server) => {
    const ahead = await pulledAhead(server);
    const read = await readAhead(server);
    return judge(
      ahead <= AHEAD && read <= READ,
      `${mib(ahead)} pulled ahead of a client that does not read, ${mib(read)} read of a body that nobody reads`,
    );
  });
}

async function pulledAhead(server: SoakServer): Promise<number> {
  const { socket } = await open(server);
  let received = 0;
  socket.on("data", (data) => {
    received += data.length;
    socket.pause();
  });
  socket.write(server.protocol.get(`/down?${SIZE}`));
  const { pulled } = await stillState(() => askState(server));
  socket.resetAndDestroy();
  return pulled - received;
}

/** What the application tells as soon as it is not asked for more any longer. */
export async function stillState(ask: () => Promise<State>): Promise<State> {
  for (let before = -1; ; ) {
    const state = await ask();
    if (state.pulled > 0 && state.pulled === before) {
      return state;
    }
    before = state.pulled;
    await wait(STILL);
  }
}

async function readAhead(server: SoakServer): Promise<number> {
  const { socket } = await open(server);
  const { localPort: port = 0 } = socket;
  const head = server.protocol.post("/ignores?60000", SIZE);
  const piece = server.protocol.piece(Buffer.alloc(65_528));
  let given = head.length;
  let moved = performance.now();
  socket.write(head);
  const send = (): void => {
    moved = performance.now();
    if (given < SIZE) {
      given += piece.length;
      // One more only when the kernel has all of the one before.
      socket.write(piece, (error) => error ?? send());
    }
  };
  send();
  while (performance.now() - moved < STILL) {
    await wait(100);
  }
  // At most one piece of it is in this process.
  const read = given - inKernel(port, server.port);
  socket.resetAndDestroy();
  return read;
}
