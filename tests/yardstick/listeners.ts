// One kind of listener on node:http and by every way of fromNode, told apart by nothing but the way.

import { once } from "node:events";
import { createServer } from "node:http";
import type { ErrorStream, HeaderList } from "dram";
import type { Reply, Request, Transport } from "dram/conformance";
import { fetchTransport, http1Transport } from "dram/conformance/transport";
import { toFetch } from "dram/fetch";
import { fromNode, type RequestListener } from "dram/from/node";
import { toLambda } from "dram/lambda";
import { serve } from "dram/node";
import { gateways } from "../../scripts/lambda/gateways.ts";
import { serveGateway } from "../../scripts/lambda/server.ts";
import { context } from "../lambda/helpers.ts";

const HOST = "app.example";

/** A listener that is being served. */
export interface Served extends Pick<Transport, "send"> {
  close(): Promise<void>;
}

const errors: ErrorStream = { write() {}, writelines() {}, flush() {} };

/** The oracle: Node's own server. */
export async function onNode(listener: RequestListener): Promise<Served> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    send: http1Transport(`http://127.0.0.1:${portOf(server.address())}`, { host: HOST }).send,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** The ways of an application that fromNode has made. */
export const ways: Readonly<Record<string, (listener: RequestListener) => Promise<Served>>> = {
  async "dram/node"(listener) {
    const server = await serve(fromNode(listener), { port: 0, signals: false, errors });
    return {
      send: http1Transport(server.url, { host: HOST }).send,
      close: () => server.close(),
    };
  },
  async "dram/fetch"(listener) {
    const handler = toFetch(fromNode(listener), { errors });
    return { send: fetchTransport(handler, `http://${HOST}`).send, async close() {} };
  },
  async "dram/lambda"(listener) {
    const handler = toLambda(fromNode(listener), { errors });
    const { url: gateway } = gateways;
    if (gateway === undefined) {
      throw new Error("there is no function URL");
    }
    const server = await serveGateway({
      ...{ gateway, port: 0, site: { domain: HOST, scheme: "https", port: "443" } },
      async invoke(text) {
        const result = await handler(JSON.parse(text), context());
        const payload = Buffer.from(JSON.stringify(result));
        return { kind: "value", payload };
      },
      onRefusal(request, reason) {
        throw new Error(`${request}: ${reason}`);
      },
    });
    return {
      send: http1Transport(`http://127.0.0.1:${server.port}`, { host: HOST }).send,
      close: () => server.close(),
    };
  },
};

/** What a client has of a reply, as far as it is the application's. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
  readonly trailers: HeaderList;
}

/** Sends requests one after another, with the cookies of the answers so far. */
export async function answersOf(
  served: Served,
  requests: readonly Request[],
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  const cookies = new Map<string, string>();
  for (const request of requests) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = [...(request.headers ?? [])];
    if (cookie !== "") {
      headers.push(["Cookie", cookie]);
    }
    const answer = await toAnswer(await served.send({ ...request, headers }));
    for (const set of answer.headers["set-cookie"] ?? []) {
      const [, name = "", value = ""] = /^([^=]*)=([^;]*)/.exec(set) ?? [];
      cookies.set(name, value);
    }
    answers.push(answer);
  }
  return answers;
}

async function toAnswer({ status, headers, chunks, trailers }: Reply): Promise<Answer> {
  const found: Record<string, string[]> = {};
  for (const [name, value] of headers) {
    if (!OF_THE_CONNECTION.has(name)) {
      found[name] = [...(found[name] ?? []), value];
    }
  }
  const body: Uint8Array[] = [];
  for await (const chunk of chunks) {
    body.push(chunk);
  }
  return { status, headers: found, body: Buffer.concat(body).toString("latin1"), trailers };
}

/** The server's own, and of the moment. */
const OF_THE_CONNECTION = new Set(["connection", "date", "keep-alive", "transfer-encoding"]);

function portOf(address: ReturnType<ReturnType<typeof createServer>["address"]>): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}
