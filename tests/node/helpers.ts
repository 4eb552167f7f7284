import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type Application, type Environ, json } from "dram";
import { type NodeServer, type ServeOptions, serve } from "dram/node";
import { onTestFinished } from "vitest";
import { makeLog } from "../targets/log.ts";
import { until } from "../targets/target.ts";

/** A server of this process, and the lines of its log. */
export interface Listening extends NodeServer {
  readonly port: number;
  readonly log: readonly string[];
}

/** Serves an application until the test has finished. */
export async function listening(
  application: Application,
  options: ServeOptions = {},
): Promise<Listening> {
  const { errors, log } = makeLog();
  const server = await serve(application, {
    ...{ port: 0, signals: false, graceTime: 100, errors },
    ...options,
  });
  onTestFinished(() => server.close());
  return { ...server, port: server.port ?? 0, log };
}

/** A client that sends and receives bytes as they are. */
export interface Wire {
  readonly socket: Socket;
  /** All that has come, one character a byte. */
  readonly received: string;
  /** The server has closed its side, or has reset the connection. */
  readonly ended: boolean;
  send(bytes: string): void;
  /** Waits until what has come matches, and gives it. */
  receive(wanted: string | RegExp): Promise<string>;
  /** Waits for the end of the connection, and gives all that has come. */
  end(): Promise<string>;
}

/** Connects to a server of this machine, until the test has finished. */
export async function wire(port: number): Promise<Wire> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, "connect");
  let received = "";
  let ended = false;
  socket.setEncoding("latin1");
  socket.on("data", (data: string) => {
    received += data;
  });
  for (const event of ["end", "close", "error"]) {
    socket.on(event, () => {
      ended = true;
    });
  }
  return {
    socket,
    get received() {
      return received;
    },
    get ended() {
      return ended;
    },
    send(bytes) {
      socket.write(bytes, "latin1");
    },
    async receive(wanted) {
      await until(() =>
        typeof wanted === "string" ? received.includes(wanted) : wanted.test(received),
      );
      return received;
    },
    async end() {
      await until(() => ended);
      return received;
    },
  };
}

/** Sends one request on a connection of its own and gives all that comes until the server closes it. */
export async function exchange(port: number, request: string): Promise<string> {
  const client = await wire(port);
  client.send(request);
  return client.end();
}

/** A request without a body, after which the connection is closed. */
export function get(target: string, ...fields: string[]): string {
  return `${["GET", target, "HTTP/1.1"].join(" ")}\r\n${["Host: localhost", "Connection: close", ...fields].join("\r\n")}\r\n\r\n`;
}

/** Answers with the strings of its environ as JSON. */
export const showEnviron: Application = (environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "application/json"]]);
  return json(Object.fromEntries(Object.entries(environ).filter(isText)));
};

function isText(entry: [string, unknown]): entry is [string, string] {
  return typeof entry[1] === "string";
}

/** The environ that `showEnviron` has answered with. */
export function environIn(response: string): Environ {
  return JSON.parse(Buffer.from(bodyOf(response), "latin1").toString());
}

/** The status line and each header of a response, without those that differ from run to run. */
export function headOf(response: string): string[] {
  const lines = response.slice(0, response.indexOf("\r\n\r\n")).split("\r\n");
  return lines.filter((line) => !/^(Date|Keep-Alive): /.test(line));
}

/** What stands behind the head of a response. */
export function bodyOf(response: string): string {
  return response.slice(response.indexOf("\r\n\r\n") + 4);
}

/** A promise and the way to settle it. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

export function bytes(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}
