// `npm run bench:servers`: requests per second behind nginx and Apache httpd, dram and what a WSGI
// application in Python has there. One process of the application each, as the sites of examples/.

import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bootApache } from "../tests/targets/apache.ts";
import { bootFastcgi } from "../tests/targets/fastcgi.ts";
import { bootNginx } from "../tests/targets/nginx.ts";
import { bootNode } from "../tests/targets/node.ts";
import { makeProgram } from "../tests/targets/program.ts";
import { makeFolder, type WebServer } from "../tests/targets/webserver.ts";
import type { Load } from "./node-load.ts";
import { report } from "./report.ts";

const ROUNDS = Number(process.env.ROUNDS ?? 7);
const ROUND_MS = Number(process.env.ROUND_MS ?? 2000);
const APPLICATION = new URL("./webservers-application.ts", import.meta.url);
const PEERS = fileURLToPath(new URL("./peers", import.meta.url));
const GUNICORN = "/usr/bin/gunicorn";
const UWSGI = "/usr/bin/uwsgi";

const folder = await makeFolder();
const cleanups: (() => unknown)[] = [];

/** The first is what the others are compared with. */
const candidates: Record<string, () => Promise<WebServer>> = {
  "nginx + FastCGI": async () => {
    const path = join(folder, "fastcgi.sock");
    const { close } = await bootFastcgi(APPLICATION, { path, mode: 0o666 });
    cleanups.push(close);
    return bootNginx("fastcgi", { "/run/app/fastcgi.sock": path, "/hello": "" });
  },
  "nginx + node": async () => {
    const { port, close } = await bootNode({ module: APPLICATION.href });
    cleanups.push(close);
    return bootNginx("proxy", { "127.0.0.1:8000": `127.0.0.1:${port}` });
  },
  "Apache + FastCGI": async () => {
    const path = join(folder, "fastcgi-apache.sock");
    const { close } = await bootFastcgi(APPLICATION, { path, mode: 0o666 });
    cleanups.push(close);
    return bootApache("fastcgi", { "/run/app/fastcgi.sock": path, "/hello": "" });
  },
  "Apache + CGI": async () => {
    const program = await makeProgram(new URL("./webservers-cgi.ts", import.meta.url));
    cleanups.push(program.remove);
    return bootApache("cgi", {
      "/srv/app/cgi.ts": program.path,
      "/srv/app": program.folder,
      "/hello": "",
    });
  },
};
if (existsSync(GUNICORN)) {
  candidates["nginx + gunicorn"] = async () => {
    const path = join(folder, "gunicorn.sock");
    // sync, its default: one request at a time.
    await python(GUNICORN, ["--umask", "0", "--bind", `unix:${path}`, "hello:application"], path);
    return bootNginx("proxy", { "127.0.0.1:8000": `unix:${path}` });
  };
} else {
  console.log(`without gunicorn: there is no ${GUNICORN} (apt-get install gunicorn)`);
}
if (existsSync(UWSGI)) {
  candidates["nginx + uwsgi"] = async () => {
    const path = join(folder, "uwsgi.sock");
    const plugin = ["--plugin", "python3", "--disable-logging"];
    const parameters = [
      ...plugin,
      "--chmod-socket=666",
      "--socket",
      path,
      "--wsgi-file",
      "hello.py",
    ];
    await python(UWSGI, parameters, path);
    return bootNginx("../../bench/peers/uwsgi", { "/run/app/uwsgi.sock": path });
  };
} else {
  console.log(`without uwsgi: there is no ${UWSGI} (apt-get install uwsgi-plugin-python3)`);
}

const servers: { name: string; port: number }[] = [];
const generator = fork(new URL("./node-load.ts", import.meta.url), { stdio: "inherit" });
try {
  for (const [name, boot] of Object.entries(candidates)) {
    const server = await boot();
    cleanups.unshift(server.close);
    servers.push({ name, port: server.port });
  }
  await checkAnswers();
  await compare();
} finally {
  generator.kill("SIGKILL");
  for (const cleanup of cleanups) {
    await cleanup();
  }
  await rm(folder, { recursive: true, force: true });
}

async function compare(): Promise<void> {
  const rates = new Map<string, number[]>(servers.map(({ name }) => [name, []]));
  for (let round = -1; round < ROUNDS; round++) {
    for (const { name, port } of servers) {
      const rate = await rateOf(port);
      // The first round warms up.
      if (round >= 0) {
        rates.get(name)?.push(rate);
      }
    }
  }
  report("hello, requests per second", rates, "/s", (rate, reference) => rate / reference);
}

async function rateOf(port: number): Promise<number> {
  const request = "GET / HTTP/1.1\r\nHost: hello.example\r\nAccept: */*\r\n\r\n";
  const load: Load = { port, request, end: "Hello, world\n", milliseconds: ROUND_MS };
  generator.send(load);
  const [rate]: number[] = await once(generator, "message");
  return rate ?? Number.NaN;
}

/** A candidate that answers otherwise is not faster but wrong. */
async function checkAnswers(): Promise<void> {
  for (const { name, port } of servers) {
    const response = await fetch(`http://127.0.0.1:${port}/`);
    const { headers, status } = response;
    const found = [status, headers.get("content-type"), headers.get("content-length")];
    const answer = [...found, await response.text()].join(" ");
    if (answer !== "200 text/plain; charset=utf-8 13 Hello, world\n") {
      throw new Error(`${name} answers ${JSON.stringify(answer)}`);
    }
  }
}

/** Resolves when the server listens. */
async function python(program: string, parameters: string[], socket: string): Promise<void> {
  const child: ChildProcess = spawn(program, parameters, { cwd: PEERS, stdio: "ignore" });
  const exit = once(child, "exit");
  cleanups.push(() => {
    child.kill("SIGINT");
    return exit;
  });
  while (!existsSync(socket)) {
    if (child.exitCode !== null) {
      throw new Error(`${program} has ended with ${child.exitCode}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
