import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Connection } from "../types.ts";

interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly ca?: string;
}

/** A TCP or TLS connection as bytes. */
export function openConnection(secure: boolean, endpoint: Endpoint): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = secure
      ? connectTls({ ...endpoint, servername: "localhost", ALPNProtocols: ["http/1.1"] })
      : connectTcp({ ...endpoint, allowHalfOpen: true });
    socket.once("error", reject);
    socket.once(secure ? "secureConnect" : "connect", () => resolve(toConnection(socket)));
  });
}

function toConnection(socket: Socket): Connection {
  let text = "";
  let over = false;
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const look of waiting) {
      look();
    }
  };
  socket.setEncoding("latin1");
  socket.on("data", (data) => {
    text += data;
    wake();
  });
  // The other side may reset the connection; what came before counts.
  socket.on("error", () => {});
  for (const event of ["end", "close"]) {
    socket.on(event, () => {
      over = true;
      wake();
    });
  }
  function wait(done: () => boolean, wanted: string, within: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(look);
        reject(new Error(`no ${wanted} within ${within} ms in ${JSON.stringify(text)}`));
      }, within);
      function look(): void {
        if (done()) {
          clearTimeout(timer);
          waiting.delete(look);
          resolve(text);
        }
      }
      waiting.add(look);
      look();
    });
  }
  return {
    write: (bytes) => socket.write(bytes, "latin1"),
    end: () => socket.end(),
    received: (pattern, within = 5000) =>
      wait(() => over || pattern.test(text), String(pattern), within),
    closed: (within = 5000) => wait(() => over, "end of the connection", within),
    destroy: () => socket.destroy(),
  };
}
