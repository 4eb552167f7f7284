import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { finished, Readable } from "node:stream";
import type { HeaderList } from "../../core/mod.ts";
import type { Reply, Request, Transport } from "../types.ts";
import { openConnection } from "./connection.ts";
import { pairs, withHost } from "./fields.ts";

/**
 * HTTP/1.1 to a server, each request on a connection of its own, header bytes as they are.
 *
 * @param origin `http://127.0.0.1:8000`, or `https:`.
 * @param options `ca`: the certificate to trust, PEM. `host`: of the Host header; default: the origin's.
 */
export function http1Transport(
  origin: string,
  options: { ca?: string; host?: string } = {},
): Required<Transport> {
  const { protocol, hostname, port, host } = new URL(origin);
  const secure = protocol === "https:";
  const endpoint = {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port) || (secure ? 443 : 80),
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  };
  return {
    send: (request) => send(secure, endpoint, withHost(request, options.host ?? host)),
    connect: () => openConnection(secure, endpoint),
  };
}

function send(secure: boolean, endpoint: RequestOptions, sent: Request): Promise<Reply> {
  const { method = "GET", path, headers = [], body } = sent;
  return new Promise((resolve, reject) => {
    const start = secure ? httpsRequest : httpRequest;
    const interim: { status: number; headers: HeaderList }[] = [];
    const request = start({ ...endpoint, method, path, agent: false, headers: headers.flat() });
    request.on("information", ({ statusCode, rawHeaders }) => {
      interim.push({ status: statusCode, headers: pairs(rawHeaders) });
    });
    request.on("error", reject);
    request.on("response", (response) => {
      resolve(toReply(response, interim, () => request.destroy()));
    });
    if (body === undefined) {
      request.end();
    } else if (body instanceof Uint8Array) {
      request.end(body);
    } else {
      Readable.from(body).pipe(request);
    }
  });
}

function toReply(response: IncomingMessage, interim: Reply["interim"], leave: () => void): Reply {
  return {
    status: response.statusCode ?? 0,
    reason: response.statusMessage ?? "",
    headers: pairs(response.rawHeaders),
    interim,
    chunks: received(response),
    get trailers() {
      return pairs(response.rawTrailers);
    },
    leave,
  };
}

/** Chunks that are taken from the connection before anybody asks for them. */
const MAX_AHEAD = 4;

/**
 * The chunks of a body. By hand, because a stream that breaks off drops what has come and nobody has
 * read yet: a chunk and the end right behind it would be the end alone.
 */
async function* received(response: IncomingMessage): AsyncGenerator<Uint8Array, void, void> {
  const chunks: Uint8Array[] = [];
  let over = false;
  let failure: Error | null | undefined;
  let wake = (): void => {};
  response.on("data", (chunk: Uint8Array) => {
    if (chunks.push(chunk) >= MAX_AHEAD) {
      response.pause();
    }
    wake();
  });
  finished(response, (error) => {
    over = true;
    failure = error;
    wake();
  });
  try {
    for (;;) {
      const chunk = chunks.shift();
      if (chunk !== undefined) {
        response.resume();
        yield chunk;
      } else if (!over) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      } else if (failure) {
        throw failure;
      } else {
        return;
      }
    }
  } finally {
    response.destroy();
  }
}
