// A process of its own for the load, so that the server's is busy with nothing else. Speaks frames
// itself: a client's library would be the slower end.

import { once } from "node:events";
import { connect, type Socket } from "node:net";

const CONNECTIONS = 32;
/** Messages on their way on one connection. */
const WINDOW = 8;
const MESSAGE = "0123456789abcdef".repeat(4);

/** What to do with whom; asked for and answered in messages. */
export interface SocketLoad {
  readonly port: number;
  /** Echo for so long, and answer messages per second. */
  readonly milliseconds?: number;
  /** Open so many, keep them, and answer how many there are; 0 closes all. */
  readonly idle?: number;
}

const HANDSHAKE = [
  ...["GET / HTTP/1.1", "Host: localhost", "Connection: Upgrade", "Upgrade: websocket"],
  ...["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", ""],
].join("\r\n");

/** Its mask all zeros. */
const FRAME = Buffer.concat([
  Buffer.from([0x81, 0x80 | MESSAGE.length, 0, 0, 0, 0]),
  Buffer.from(MESSAGE),
]);
const ECHOED = Buffer.concat([Buffer.from([0x81, MESSAGE.length]), Buffer.from(MESSAGE)]);

let kept: Socket[] = [];

process.on("message", async ({ port, milliseconds, idle }: SocketLoad) => {
  process.send?.(
    await (milliseconds === undefined ? keep(port, idle ?? 0) : echo(port, milliseconds)),
  );
});

async function echo(port: number, milliseconds: number): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(port)));
  const deadline = performance.now() + milliseconds;
  const counts = await Promise.all(sockets.map((socket) => drive(socket, deadline)));
  return (counts.reduce((sum, count) => sum + count, 0) * 1000) / milliseconds;
}

async function keep(port: number, wanted: number): Promise<number> {
  if (wanted === 0) {
    for (const socket of kept) {
      socket.destroy();
    }
    kept = [];
  }
  while (kept.length < wanted) {
    kept.push(...(await Promise.all(Array.from({ length: 100 }, () => open(port)))));
  }
  return kept.length;
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  socket.write(HANDSHAKE);
  const [head] = await once(socket, "data");
  if (!String(head).startsWith("HTTP/1.1 101 ") || !String(head).endsWith("\r\n\r\n")) {
    throw new Error(`the handshake was answered ${head}`);
  }
  return socket;
}

/** As many as are echoed before the deadline. Every echo is compared, the first ones byte for byte. */
function drive(socket: Socket, deadline: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let count = 0;
    let received = 0;
    socket.on("error", reject);
    socket.on("data", (data: Buffer) => {
      if (received === 0 && !data.subarray(0, ECHOED.length).equals(ECHOED)) {
        reject(new Error(`no echo: ${data.toString("latin1")}`));
      }
      received += data.length;
      const echoes = Math.floor(received / ECHOED.length) - count;
      count += echoes;
      if (performance.now() < deadline) {
        socket.write(echoes === 1 ? FRAME : Buffer.concat(Array<Buffer>(echoes).fill(FRAME)));
      } else {
        socket.destroy();
        resolve(count);
      }
    });
    socket.write(Buffer.concat(Array<Buffer>(WINDOW).fill(FRAME)));
  });
}
