import type { HeaderList } from "../core/mod.ts";
import type { Entry } from "./ledger.ts";
import { textOf } from "./reply.ts";
import type { Case, Client, Reply, Request, Target } from "./types.ts";

/** A client that counts what it sends. */
export interface CountingClient extends Client {
  /** Requests sent so far, those on a connection by their heads. */
  readonly sent: number;
}

/** The client of one run of one case. */
export function createClient(target: Target, id: Case["id"], run: string): CountingClient {
  const mount = target.mount ?? "";
  const own: HeaderList = [
    ["X-Dram-Case", id],
    ["X-Dram-Run", run],
  ];
  let sent = 0;
  function sendRefused(request: Request): Promise<Reply> {
    return target.send({
      ...request,
      path: mount + request.path,
      headers: [...own, ...withLength(request)],
    });
  }
  return {
    target,
    get sent() {
      return sent;
    },
    lacks: (feature) => target.lacks[feature] !== undefined,
    send(request: Request): Promise<Reply> {
      sent++;
      return sendRefused(request);
    },
    sendRefused,
    async notes() {
      const reply = await target.send({
        path: `${mount}/`,
        headers: [
          ["X-Dram-Case", "ledger"],
          ["X-Dram-Run", run],
        ],
      });
      const { notes }: Entry = JSON.parse(await textOf(reply));
      return notes;
    },
    async connect() {
      if (target.connect === undefined) {
        throw new Error(`${target.name} has no connection to send bytes on: the case needs "wire"`);
      }
      return target.connect();
    },
    head(method, path, headers = []) {
      sent++;
      const { host } = new URL(target.origin);
      const fields: HeaderList = [["Host", host], ...own, ...headers];
      const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
      return `${method} ${mount}${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
    },
  };
}

/** Bytes have a length, and clients say so. */
function withLength({ headers = [], body }: Request): HeaderList {
  const given = headers.some(([name]) => name.toLowerCase() === "content-length");
  return body instanceof Uint8Array && !given
    ? [...headers, ["Content-Length", String(body.length)]]
    : headers;
}
