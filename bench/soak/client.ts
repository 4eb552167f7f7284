import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { State } from "./application.ts";
import type { Protocol } from "./protocol.ts";
import type { SoakServer } from "./server.ts";

/** How many clients are there at a time. */
export const CONNECTIONS = 64;

/** A connection to a server, to send requests on one after the other. */
export interface Link {
  readonly socket: Socket;
  /**
   * @returns Head and body as latin-1.
   * @throws {Error} If the server leaves before the response is whole.
   */
  ask(path: string, id?: string): Promise<string>;
}

export async function open({
  port,
  protocol,
}: Pick<SoakServer, "port" | "protocol">): Promise<Link> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  // Told by "close" to whoever waits.
  socket.on("error", () => {});
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return { socket, ask: (path, id) => ask(socket, protocol, path, id) };
}

function ask(socket: Socket, protocol: Protocol, path: string, id?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const take = (data: Buffer): void => {
      received = received.length === 0 ? data : Buffer.concat([received, data]);
      if (protocol.isWhole(received)) {
        leave();
        resolve(protocol.read(received));
      }
    };
    const fail = (): void => {
      leave();
      reject(new Error(`the server has left ${path} behind ${received.length} bytes`));
    };
    const leave = (): void => {
      socket.off("data", take);
      socket.off("close", fail);
    };
    socket.on("data", take);
    socket.on("close", fail);
    socket.write(protocol.get(path, id));
  });
}

/** Resolves at the end of a response of any length. */
export function endOf(socket: Socket, protocol: Protocol): Promise<void> {
  return new Promise((resolve, reject) => {
    let tail: Buffer = Buffer.alloc(0);
    const take = (data: Buffer): void => {
      tail = Buffer.concat([tail, data.subarray(-TAIL)]).subarray(-TAIL);
      if (protocol.isEnd(tail)) {
        socket.off("data", take);
        resolve();
      }
    };
    socket.on("data", take);
    socket.once("close", () => reject(new Error("broken off")));
  });
}

/** Bytes, more than any end of a response has. */
const TAIL = 64;

/** What the application tells of itself, on a connection of its own. */
export async function askState(server: SoakServer): Promise<State> {
  const { socket, ask } = await open(server);
  const response = await ask("/state");
  socket.destroy();
  return JSON.parse(response.slice(response.indexOf("\r\n\r\n{") + 4));
}

/** Begins a request, and resolves with its connection when the first bytes have come. */
export async function begin(server: SoakServer, path: string): Promise<Socket> {
  const { socket } = await open(server);
  socket.write(server.protocol.get(path));
  await once(socket, "data");
  return socket;
}

/** Runs so many loops at a time, until there is no more to do. */
export async function atOnce(
  clients: number,
  loop: (client: number) => Promise<void>,
): Promise<void> {
  await Promise.all(Array.from({ length: clients }, (_, client) => loop(client)));
}
