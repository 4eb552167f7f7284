import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bootApache } from "../../tests/targets/apache.ts";
import { bootFastcgi } from "../../tests/targets/fastcgi.ts";
import { isInstalled } from "../../tests/targets/installed.ts";
import { bootNginx } from "../../tests/targets/nginx.ts";
import { bootNode } from "../../tests/targets/node.ts";
import { makeProgram } from "../../tests/targets/program.ts";
import { freePort, makeFolder, type WebServer } from "../../tests/targets/webserver.ts";
import type { Area } from "../run/area.ts";
import { stop } from "../run/process.ts";
import { compareServers, type Server, withServers } from "../run/servers.ts";

const APPLICATION = new URL("./application.ts", import.meta.url);
const PEERS = fileURLToPath(new URL("../peers/python", import.meta.url));
const GUNICORN = "/usr/bin/gunicorn";
const CGI = "dram CGI, Apache";
const UWSGI = "/usr/bin/uwsgi";

/** What closes beside the web server. */
type Cleanups = (() => unknown)[];

/** A web server, and where the application's own server can be reached without it, if it can. */
interface Booted extends Pick<WebServer, "port" | "close"> {
  readonly direct?: number;
}

export const area: Area = {
  about:
    "A hello behind nginx and Apache httpd, and what a WSGI application in Python has there: one process of the application each, web server and application on one core. Then HTTP to the application without a web server. gunicorn is sync, its default, and uwsgi has one process; both close every connection behind its response.",
  async *measure(effort) {
    if (!isInstalled("nginx", "apache2")) {
      throw new Error("it needs nginx and Apache httpd: apt-get install nginx-light apache2");
    }
    const folder = await makeFolder();
    try {
      const direct: Server[] = [];
      yield* withServers(starts(folder, direct), async function* (servers) {
        const longer = { ...effort, loadMs: effort.loadMs * 2, warmUpRequests: 5000 };
        const kept = servers.filter(({ name }) => name !== CGI);
        yield* compareServers(kept, [{ title: "hello", path: "/" }], longer);
        const alone = { title: "hello, without a web server", path: "/" };
        yield* compareServers(direct, [alone], longer);
        const apache = servers.filter(({ name }) => name.endsWith("Apache"));
        // It starts a process for each: more at a time would only wait for each other.
        const page = { title: "hello, 2 connections", path: "/", connections: 2 };
        yield* compareServers(apache, [page], { ...longer, warmUpRequests: 0 });
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/**
 * The first is what the others are compared with.
 *
 * @param direct Gets those that can be reached without a web server.
 */
function starts(folder: string, direct: Server[]): (() => Promise<Server>)[] {
  const candidates: Record<string, (cleanups: Cleanups) => Promise<Booted>> = {
    "dram FastCGI, nginx": async (cleanups) => {
      const path = await fastcgi(join(folder, "fastcgi.sock"), cleanups);
      return bootNginx("fastcgi", { "/run/app/fastcgi.sock": path, "/hello": "" });
    },
    "dram node, nginx": async (cleanups) => {
      const { port, close } = await bootNode({ module: APPLICATION.href });
      cleanups.push(close);
      const server = await bootNginx("proxy", { "127.0.0.1:8000": `127.0.0.1:${port}` });
      return { ...server, direct: port };
    },
    "dram FastCGI, Apache": async (cleanups) => {
      const path = await fastcgi(join(folder, "fastcgi-apache.sock"), cleanups);
      return bootApache("fastcgi", { "/run/app/fastcgi.sock": path, "/hello": "" });
    },
    [CGI]: async (cleanups) => {
      const program = await makeProgram(new URL("./cgi.ts", import.meta.url));
      cleanups.push(program.remove);
      return bootApache("cgi", {
        ...{ "/srv/app/cgi.ts": program.path, "/srv/app": program.folder, "/hello": "" },
      });
    },
  };
  if (isThere(GUNICORN, "gunicorn")) {
    candidates["gunicorn, nginx"] = async (cleanups) => {
      const path = join(folder, "gunicorn.sock");
      const port = await freePort();
      // Two of them: one with two sockets asks which is ready before it accepts, and is a third slower.
      for (const where of [`unix:${path}`, `127.0.0.1:${port}`]) {
        const parameters = ["--umask", "0", "--bind", where, "hello:application"];
        await python(GUNICORN, parameters, where, cleanups);
      }
      const server = await bootNginx("proxy", { "127.0.0.1:8000": `unix:${path}` });
      return { ...server, direct: port };
    };
  }
  if (isThere(UWSGI, "uwsgi-plugin-python3")) {
    candidates["uwsgi, nginx"] = async (cleanups) => {
      const path = join(folder, "uwsgi.sock");
      const plugin = ["--plugin", "python3", "--disable-logging", "--wsgi-file", "hello.py"];
      const port = await freePort();
      const http = ["--http-socket", `127.0.0.1:${port}`];
      const where = ["--chmod-socket=666", "--socket", path, ...http];
      await python(UWSGI, [...plugin, ...where], `unix:${path}`, cleanups);
      const site = "../../bench/peers/python/uwsgi";
      const server = await bootNginx(site, { "/run/app/uwsgi.sock": path });
      return { ...server, direct: port };
    };
  }
  return Object.entries(candidates).map(([name, boot]) => async () => {
    const cleanups: Cleanups = [];
    const { port, direct: own, close } = await boot(cleanups);
    if (own !== undefined) {
      direct.push({ name: name.replace(", nginx", ""), port: own, close: () => undefined });
    }
    return {
      name,
      port,
      async close() {
        for (const cleanup of [close, ...cleanups]) {
          await cleanup();
        }
      },
    };
  });
}

async function fastcgi(path: string, cleanups: Cleanups): Promise<string> {
  const { close } = await bootFastcgi(APPLICATION, { path, mode: 0o666 });
  cleanups.push(close);
  return path;
}

/** Says so where it is not. */
function isThere(program: string, debian: string): boolean {
  const there = existsSync(program);
  if (!there) {
    console.log(`  without ${program}, which is not there (apt-get install ${debian})`);
  }
  return there;
}

/**
 * Resolves when the server listens.
 *
 * @param where `unix:PATH` or `HOST:PORT`.
 */
async function python(
  program: string,
  parameters: string[],
  where: string,
  cleanups: Cleanups,
): Promise<void> {
  const child = spawn(program, parameters, { cwd: PEERS, stdio: "ignore" });
  cleanups.push(async () => {
    // Not SIGKILL, which would leave its workers.
    child.kill("SIGINT");
    await Promise.race([once(child, "exit"), new Promise((resolve) => setTimeout(resolve, 5000))]);
    await stop(child);
  });
  while (!(await accepts(where))) {
    if (child.exitCode !== null) {
      throw new Error(`${program} has ended with ${child.exitCode}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function accepts(where: string): Promise<boolean> {
  const [host = "", place = ""] = where.split(":");
  return new Promise((resolve) => {
    const socket = connect(host === "unix" ? { path: place } : { host, port: Number(place) });
    socket.once("error", () => resolve(false)).once("connect", () => resolve(true));
    socket.once("connect", () => socket.destroy());
  });
}
