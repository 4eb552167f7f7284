import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type OutgoingHttpHeaders,
} from "node:http2";
import { Readable } from "node:stream";
import type { HeaderList } from "../../core/mod.ts";
import type { Reply, Request, Transport } from "../types.ts";
import { pairs } from "./fields.ts";

/**
 * HTTP/2 to a server, each request on a connection of its own; `http:` means prior knowledge.
 *
 * @param options `ca`: the certificate to trust, PEM.
 */
export function http2Transport(origin: string, options: { ca?: string } = {}): Transport {
  return { send: (request) => send(connect(origin, { ...options }), origin, request) };
}

function send(session: ClientHttp2Session, origin: string, sent: Request): Promise<Reply> {
  return new Promise((resolve, reject) => {
    session.on("error", reject);
    const stream = session.request(toFields(origin, sent), { endStream: sent.body === undefined });
    stream.on("error", reject);
    const interim: { status: number; headers: HeaderList }[] = [];
    stream.on("headers", (fields, _flags, raw) => {
      interim.push({ status: Number(fields[":status"]), headers: withoutPseudo(pairs(raw ?? [])) });
    });
    stream.on("response", (fields, _flags, raw) => {
      const headers = withoutPseudo(pairs(raw ?? []));
      resolve(toReply(session, stream, Number(fields[":status"]), headers, interim));
    });
    if (sent.body instanceof Uint8Array) {
      stream.end(sent.body);
    } else if (sent.body !== undefined) {
      Readable.from(sent.body).pipe(stream);
    }
  });
}

/** Pseudo fields first; a repeated name is one property with several values. */
function toFields(
  origin: string,
  { method = "GET", path, headers = [] }: Request,
): OutgoingHttpHeaders {
  const fields: Record<string, string[]> = {};
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (lower !== "host") {
      fields[lower] = [...(fields[lower] ?? []), value];
    }
  }
  const host = headers.find(([name]) => name.toLowerCase() === "host")?.[1];
  const { protocol, host: authority } = new URL(origin);
  return {
    ":method": method,
    ":scheme": protocol.slice(0, -1),
    ":authority": host ?? authority,
    ":path": path,
    ...Object.fromEntries(
      Object.entries(fields).map(([name, values]) => [
        name,
        values.length === 1 ? values[0] : values,
      ]),
    ),
  };
}

function withoutPseudo(headers: HeaderList): HeaderList {
  return headers.filter(([name]) => !name.startsWith(":"));
}

function toReply(
  session: ClientHttp2Session,
  stream: ClientHttp2Stream,
  status: number,
  headers: HeaderList,
  interim: Reply["interim"],
): Reply {
  const trailers: HeaderList = [];
  stream.on("trailers", (_fields, _flags, raw) => {
    trailers.push(...pairs(raw ?? []));
  });
  return {
    status,
    reason: "",
    headers,
    interim,
    trailers,
    chunks: {
      async *[Symbol.asyncIterator]() {
        try {
          yield* stream;
        } catch (error) {
          // A server may answer without the whole request and reset the rest of it (RFC 9113 §8.1):
          // Node calls that premature even after the end of the answer.
          if (!stream.readableEnded) {
            throw error;
          }
        } finally {
          session.close();
        }
        // A reset with NO_ERROR or CANCEL ends the iteration without an error.
        if (stream.rstCode !== 0) {
          throw new Error(`the stream was reset with code ${stream.rstCode}`);
        }
      },
    },
    leave: () => session.destroy(),
  };
}
