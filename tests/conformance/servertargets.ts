import { http1Transport } from "dram/conformance/transport";
import { bootApache } from "../targets/apache.ts";
import { bootNginx } from "../targets/nginx.ts";
import { bootNode } from "../targets/node.ts";
import type { WebServer } from "../targets/webserver.ts";
import { type Bootable, NATIVE, type Running, WEBSOCKET } from "./target.ts";

const NODE_ADDRESS = "127.0.0.1:8000";

/** The conformance application behind the web servers of examples/. */
export const serverTargets: readonly Bootable[] = [
  {
    name: "nginx-proxy",
    platform: "nginx, reverse proxy",
    adapter: "`serve` of `dram/node`",
    proof: "nginx 1.22, Node 24",
    runtime: "Node.js/24",
    software: "(node)",
    front: "nginx",
    lacks: { websocket: WEBSOCKET, nativeRequest: NATIVE },
    boot: (mount) =>
      behind("nginx/", mount, "wsgi.early_hints", (address) =>
        bootNginx("proxy", { [NODE_ADDRESS]: address }),
      ),
  },
  {
    name: "apache-proxy",
    platform: "Apache httpd, reverse proxy",
    adapter: "`serve` of `dram/node`",
    proof: "Apache 2.4, Node 24",
    runtime: "Node.js/24",
    software: "(node)",
    front: "Apache httpd",
    lacks: { websocket: WEBSOCKET, nativeRequest: NATIVE },
    boot: (mount) =>
      behind("Apache/", mount, "", (address) =>
        bootApache("proxy", { [NODE_ADDRESS]: address }),
      ),
  },
];

/** `serve` of dram/node behind a proxy. */
async function behind(
  server: string,
  mount: string,
  without: string,
  bootFront: (address: string) => Promise<WebServer>,
): Promise<Running> {
  const module = new URL("./proxied.ts", import.meta.url);
  module.searchParams.set("without", without);
  const node = await bootNode({
    module: module.href,
    protocol: "http",
    options: { scriptName: mount },
  });
  const front = await bootFront(`127.0.0.1:${node.port}`);
  return {
    ...through(front, server),
    log: node.log,
    async close() {
      await front.close();
      await node.close();
    },
  };
}

/**
 * A way to a web server, and the proof that it is the one that answers.
 *
 * @param server How its Server header begins.
 */
function through(front: WebServer, server: string): Omit<Running, "log" | "close"> {
  const origin = `http://localhost:${front.port}`;
  const { send, connect } = http1Transport(`http://127.0.0.1:${front.port}`, {
    host: `localhost:${front.port}`,
  });
  return {
    origin,
    connect,
    async send(request) {
      const reply = await send(request);
      const found = reply.headers.find(([name]) => name === "server")?.[1];
      if (!found?.startsWith(server)) {
        throw new Error(`the Server header is ${found}; wanted ${server}...`);
      }
      return reply;
    },
  };
}
