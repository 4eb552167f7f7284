import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Target } from "dram/conformance";
import { http1Transport } from "dram/conformance/transport";
import { bootApache } from "../targets/apache.ts";
import { bootFastcgi } from "../targets/fastcgi.ts";
import { together } from "../targets/log.ts";
import { bootNginx } from "../targets/nginx.ts";
import { bootNode } from "../targets/node.ts";
import { makeProgram } from "../targets/program.ts";
import { makeFolder, type WebServer } from "../targets/webserver.ts";
import { type Bootable, NATIVE, type Running } from "./target.ts";

type Lacks = Target["lacks"];

const PROXY: Lacks = {
  nativeRequest: NATIVE,
  forwarded: "the proxy says itself what it forwards",
  trailers: "the proxy drops TE and the fields behind a body",
};

const CGI: Lacks = {
  trailers: "CGI has none",
  earlyHints: "CGI has none",
  websocket: "CGI and FastCGI carry a request and its response, not a connection",
  nativeRequest: NATIVE,
};

const NGINX: Lacks = { malformedEscapes: "nginx refuses them" };
const APACHE: Lacks = {
  malformedEscapes: "Apache httpd refuses them",
  cookieCrumbs: "Apache httpd joins Cookie fields as it does any other",
};
const MERGED: Lacks = {
  ...APACHE,
  dotSegments: "Apache httpd resolves them",
  emptySegments: "Apache httpd merges them",
};

/** The conformance application behind the web servers, as examples/ sets them up. */
export const serverTargets: readonly Bootable[] = [
  {
    name: "nginx-fastcgi",
    platform: "nginx",
    adapter: "`serveFastcgi` of `dram/fastcgi`",
    proof: "nginx 1.22, Node 24, a Unix socket",
    programs: ["nginx"],
    runtime: "Node.js/24",
    software: "(fastcgi)",
    front: "nginx",
    lacks: { ...CGI, ...NGINX, dotSegments: "nginx resolves them" },
    boot: (mount) =>
      overFastcgi("nginx/", (socket) =>
        bootNginx("fastcgi", { "/run/app/fastcgi.sock": socket, "/hello": mount }),
      ),
  },
  {
    name: "nginx-proxy",
    platform: "nginx, reverse proxy",
    adapter: "`serve` of `dram/node`",
    proof: "nginx 1.22, Node 24",
    programs: ["nginx"],
    runtime: "Node.js/24",
    software: "(node)",
    front: "nginx",
    lacks: {
      ...PROXY,
      ...NGINX,
      earlyHints: "nginx before 1.29 takes an interim response for the whole one",
    },
    boot: (mount) =>
      overHttp("nginx/", mount, "wsgi.early_hints", (address) =>
        bootNginx("proxy", { "127.0.0.1:8000": address }),
      ),
  },
  {
    name: "apache-cgi",
    platform: "Apache httpd, mod_cgid",
    adapter: "`serveCgi` of `dram/cgi`",
    proof: "Apache 2.4, Node 24",
    programs: ["apache2"],
    runtime: "Node.js/24",
    software: "(cgi)",
    lacks: {
      ...CGI,
      ...MERGED,
      bodyBreak: "CGI cannot tell that a program has failed",
      framing:
        "Apache httpd counts a body that is complete when it looks, and sends any other in chunks",
      concurrency: "a process answers one request",
      sharedProcess: "a process answers one request",
    },
    boot: (mount) => overProgram("cgi", "cgi", mount),
  },
  {
    name: "apache-fastcgi",
    platform: "Apache httpd, mod_proxy_fcgi",
    adapter: "`serveFastcgi` of `dram/fastcgi`",
    proof: "Apache 2.4, Node 24, a Unix socket",
    programs: ["apache2"],
    runtime: "Node.js/24",
    software: "(fastcgi)",
    lacks: {
      ...CGI,
      ...MERGED,
      chunkedRequest: "Apache httpd counts a body that has ended before it passes it on",
    },
    boot: (mount) =>
      overFastcgi("Apache/", (socket) =>
        bootApache("fastcgi", { "/run/app/fastcgi.sock": socket, "/hello": mount }),
      ),
  },
  {
    name: "apache-fcgid",
    platform: "Apache httpd, mod_fcgid",
    adapter: "`serveFastcgi` of `dram/fastcgi`",
    proof: "Apache 2.4 with mod_fcgid 2.3, Node 24",
    programs: ["apache2", "mod_fcgid"],
    runtime: "Node.js/24",
    software: "(fastcgi)",
    lacks: {
      ...CGI,
      ...MERGED,
      chunkedRequest: "mod_fcgid waits for the whole body, and counts it",
      framing:
        "Apache httpd counts a body that is complete when it looks, and sends any other in chunks",
      concurrency: "mod_fcgid gives a process one request at a time",
      sharedProcess: "mod_fcgid takes any of its processes",
    },
    boot: (mount) => overProgram("fcgid", "fastcgi", mount),
  },
  {
    name: "apache-proxy",
    platform: "Apache httpd, reverse proxy",
    adapter: "`serve` of `dram/node`",
    proof: "Apache 2.4, Node 24",
    programs: ["apache2"],
    runtime: "Node.js/24",
    software: "(node)",
    front: "Apache httpd",
    lacks: {
      ...PROXY,
      ...APACHE,
      chunkedRequest:
        "Apache httpd waits for the first 16 KiB of a body, and counts one that ends there",
    },
    boot: (mount) =>
      overHttp("Apache/", mount, "", (address) =>
        bootApache("proxy", { "127.0.0.1:8000": address }),
      ),
  },
];

/** `serve` of dram/node behind a proxy. */
async function overHttp(
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

/** `serveFastcgi` behind a web server, which divides the path. */
async function overFastcgi(
  server: string,
  bootFront: (socket: string) => Promise<WebServer>,
): Promise<Running> {
  const folder = await makeFolder();
  const socket = join(folder, "fastcgi.sock");
  // The web server has a user of its own.
  const options = { path: socket, mode: 0o666 };
  const fastcgi = await bootFastcgi(new URL("./node.ts", import.meta.url), options);
  const front = await bootFront(socket);
  const log = together(front, fastcgi);
  return {
    ...through(front, server),
    get log() {
      return log();
    },
    async close() {
      await front.close();
      await fastcgi.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A program that Apache starts. */
async function overProgram(
  site: "cgi" | "fcgid",
  script: "cgi" | "fastcgi",
  mount: string,
): Promise<Running> {
  const module = new URL(`./${site}.ts`, import.meta.url);
  const program = await makeProgram(module, (folder) => ({ DRAM_LEDGER: folder }));
  const front = await bootApache(site, {
    [`/srv/app/${script}.ts`]: program.path,
    "/srv/app": program.folder,
    "/hello": mount,
  });
  return {
    ...through(front, "Apache/"),
    get log() {
      return front.log;
    },
    async close() {
      await front.close();
      await program.remove();
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
