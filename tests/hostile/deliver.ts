import { createHash } from "node:crypto";
import { connect, type Socket } from "node:net";
import { type Answer, parseAnswer } from "./answer.ts";

/** How the bytes of a request come. */
export type Manner = "whole" | "byte by byte" | "in random pieces";

export const MANNERS: readonly Manner[] = ["whole", "byte by byte", "in random pieces"];

/** Milliseconds without a byte either way. */
export const PATIENCE = 8000;

/**
 * Sends bytes over a connection of their own and gives the one response that comes back. Each
 * piece is a write, which is done before the next; a server that has answered or left gets no more.
 *
 * @param raw Bytes as U+0000 to U+00FF.
 * @param seed Of the random pieces.
 * @param options `halfClose`: the client ends its side as soon as all is sent.
 */
export async function deliver(
  port: number,
  raw: string,
  manner: Manner = "whole",
  seed = "",
  options: { halfClose?: boolean } = {},
): Promise<Answer> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true, allowHalfOpen: true });
  const [method = ""] = raw.split(" ", 1);
  const answered = receive(socket, method);
  for (const piece of pieces(raw, manner, seed)) {
    await new Promise((resolve) => socket.write(piece, "latin1", resolve));
    // What has come is read now: a write into a closed connection would throw it away.
    await new Promise(setImmediate);
    if (socket.readableEnded || socket.destroyed) {
      break;
    }
  }
  if (options.halfClose) {
    socket.end();
  }
  return answered;
}

/** The pieces of a raw input, in the order they are to be written. */
export function* pieces(raw: string, manner: Manner, seed: string): Generator<string, void, void> {
  const random = randomOf(seed);
  const longest = Math.max(2, Math.min(512, raw.length / 3));
  for (let at = 0; at < raw.length; ) {
    const sizes = {
      whole: raw.length,
      "byte by byte": 1,
      "in random pieces": 1 + Math.floor(random() * longest),
    };
    yield raw.slice(at, at + sizes[manner]);
    at += sizes[manner];
  }
}

/** Numbers from 0 to 1, the same for the same seed. */
function randomOf(seed: string): () => number {
  let block = createHash("sha256").update(seed).digest();
  let at = 0;
  return () => {
    if (at === block.length) {
      block = createHash("sha256").update(block).digest();
      at = 0;
    }
    at += 4;
    return block.readUInt32BE(at - 4) / 2 ** 32;
  };
}

/** Reads until the connection is closed; behind a whole response, the client ends its side. */
function receive(socket: Socket, method: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let received = "";
    let reset = false;
    socket.setTimeout(PATIENCE, () => {
      socket.destroy();
      reject(new Error(`nothing came within ${PATIENCE} ms behind ${shown(received)}`));
    });
    socket.setEncoding("latin1");
    socket.on("data", (data) => {
      received += data;
      if (parseAnswer(received, method, false).framed) {
        socket.end();
      }
    });
    // What came before counts.
    socket.on("error", () => {
      reset = true;
    });
    socket.on("end", () => socket.end());
    socket.on("close", () => {
      resolve({ ...parseAnswer(received, method, true), reset });
    });
  });
}

function shown(received: string): string {
  return JSON.stringify(received.slice(0, 500));
}
