// A process of its own for scavenge.test.ts: what of each exchange outlives a scavenge, in bytes.

import { once } from "node:events";
import { connect } from "node:net";
import type { Application } from "dram";
import { fromNode } from "dram/from/node";
import { serve } from "dram/node";

const APPLICATIONS: Readonly<Record<string, Application>> = {
  async application(environ, startResponse) {
    const body = await environ["wsgi.input"].read();
    startResponse("200 OK", [["Content-Length", String(body.length)]]);
    return [body];
  },
  listener: fromNode((request, response) => {
    request.setEncoding("utf8").on("data", (chunk) => response.end(chunk));
  }),
};

const { [process.argv[2] ?? ""]: application = () => [] } = APPLICATIONS;
const server = await serve(application, { port: 0 });
const client = connect(server.port ?? 0, "127.0.0.1");

/** One after the other: each has been answered before the next is sent. */
async function exchange(count: number): Promise<void> {
  for (let sent = 0; sent < count; sent++) {
    client.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello");
    await once(client, "data");
  }
}

await exchange(500);
gc?.();
// What was still under way has become old now; from it everything later may hang.
await exchange(20);
gc?.();
const before = process.memoryUsage().heapUsed;
await exchange(1000);
gc?.({ type: "minor" });
console.log((process.memoryUsage().heapUsed - before) / 1000);
client.destroy();
await server.close();
