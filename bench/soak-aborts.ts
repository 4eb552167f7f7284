import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** How many clients are there at a time. */
export const CONNECTIONS = 64;

/** Begins as many downloads that have no end, and resets each when some of it has come. */
export async function abortDownloads(port: number, count: number): Promise<void> {
  let left = count;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (left-- > 0) {
        const socket = await send(port, "GET /abort HTTP/1.1\r\nHost: a\r\n\r\n");
        await once(socket, "data");
        socket.resetAndDestroy();
      }
    }),
  );
}

/** Sends a request on a connection of its own. */
export async function send(port: number, request: string): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  await once(socket, "connect");
  socket.write(request);
  return socket;
}

/** Waits until every body is closed, for at most 5 s. */
export async function settled<State extends { readonly started: number; readonly closed: number }>(
  ask: () => Promise<State>,
): Promise<State> {
  let state = await ask();
  for (let waited = 0; state.closed < state.started && waited < 5000; waited += 100) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    state = await ask();
  }
  return state;
}
