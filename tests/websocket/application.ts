// What Workers, a Durable Object and Deno serve, unchanged: each message is a command.

import {
  type Application,
  json,
  text,
  type WebSocketConnection,
  type WebSocketHandlers,
} from "dram";

/** What the handlers have noted, for `GET /seen`. */
const seen: string[] = [];

/** Looked at, not waited for: on Workers, a promise of one request is not settled by another. */
let isOpen = false;

export const application: Application = (environ, startResponse) => {
  if (environ.PATH_INFO === "/release") {
    isOpen = true;
  }
  startResponse("200 OK", [["Content-Type", "application/json"]]);
  return json(environ.PATH_INFO === "/seen" ? seen : `page ${environ.PATH_INFO}`);
};

export const websocket: WebSocketHandlers = {
  async connect(connection, environ) {
    const { PATH_INFO: path } = environ;
    if (path !== "/plain") {
      connection.attachment = { path, count: 0 };
    }
    if (path === "/deny") {
      return {
        status: "403 Not Today",
        headers: [
          ["Content-Type", "text/plain"],
          ["X-Utf8", "caf\xc3\xa9"],
        ],
        body: text(`${environ.REMOTE_ADDR} may not\n`),
      };
    }
    if (path.startsWith("/gate")) {
      environ["dram.signal"]?.addEventListener("abort", () => seen.push(`${path} aborted`));
      isOpen = false;
      seen.push(`${path} asks`);
      while (!isOpen) {
        await pause(5);
      }
    }
    if (path === "/brief") {
      await pause(1);
    }
    if (path === "/second") {
      return { subprotocol: "second" };
    }
    if (path === "/bad-answer") {
      return { subprotocol: "never offered" };
    }
    return { headers: [["X-Utf8", "caf\xc3\xa9"]] };
  },

  async message(connection, data) {
    if (typeof data !== "string") {
      await connection.send(data.toReversed());
      return;
    }
    const [command = "", argument = "", reason = ""] = data.split(" ");
    await commands[command]?.(connection, argument, reason);
  },

  async disconnect(connection, code, reason) {
    // Longer than the connection: somebody must wait for it.
    await pause(50);
    if (connection.attachment === undefined) {
      return;
    }
    const { path } = attachmentOf(connection);
    if (path === "/stops") {
      console.log("/stops is over");
    }
    if (path === "/last") {
      const ids = [...(connection.peers ?? [])].map(({ id }) => id);
      seen.push(`/last is its own peer: ${ids.includes(connection.id)}`);
    }
    seen.push(`${path} ${code} ${JSON.stringify(reason)}`);
  },
};

type Command = (connection: WebSocketConnection, argument: string, reason: string) => unknown;

const commands: Readonly<Record<string, Command>> = {
  echo: (connection, argument) => connection.send(argument),
  async slow(connection, argument) {
    await pause(50);
    await connection.send(argument);
  },
  background(connection, argument) {
    setTimeout(() => connection.send(argument), 300);
  },
  count(connection) {
    const attachment = attachmentOf(connection);
    attachment.count++;
    connection.send(`${attachment.path} ${attachment.count}`);
  },
  id: (connection) => connection.send(connection.id),
  peers: (connection) =>
    connection.send(connection.peers === undefined ? "unknown" : `${[...connection.peers].length}`),
  all(connection, argument) {
    for (const peer of connection.peers ?? []) {
      peer.send(argument);
    }
  },
  close: (connection, code, reason) => connection.close(Number(code), reason),
  throw() {
    throw new Error("this handler is broken");
  },
  keep(connection, size) {
    connection.attachment = "x".repeat(Number(size));
  },
  /** Sends without end, and notes how far it has come, in messages of 64 KiB. */
  async fill(connection) {
    for (let sent = 1; ; sent++) {
      await connection.send(new Uint8Array(65_536));
      seen.push(`sent ${sent}`);
    }
  },
};

interface Attachment {
  readonly path: string;
  count: number;
}

function attachmentOf(connection: WebSocketConnection): Attachment {
  return connection.attachment as Attachment;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
