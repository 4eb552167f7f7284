import { existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { bootApache } from "../targets/apache.ts";
import { bootFastcgi } from "../targets/fastcgi.ts";
import { bootNginx } from "../targets/nginx.ts";
import { bootNode } from "../targets/node.ts";
import { makeProgram } from "../targets/program.ts";
import { makeFolder, type WebServer } from "../targets/webserver.ts";
import { sendRaw } from "../targets/workerd.ts";

/** The application of these tests at the root of a web server. */
export interface Behind {
  readonly port: number;
  /** The web server's error log. */
  readonly log: readonly string[];
  /** What the application has printed. */
  readonly output: readonly string[];
  /** Sends bytes as they are and gives the one response that comes back. */
  sendRaw(bytes: string): Promise<string>;
  close(): Promise<void>;
}

const MODULE = new URL("./application.ts", import.meta.url);

/** A web server in front of `serve` of dram/node. */
export async function behindProxy(server: "nginx" | "apache"): Promise<Behind> {
  const node = await bootNode({ module: MODULE.href });
  const boot = server === "nginx" ? bootNginx : bootApache;
  const front = await boot("proxy", { "127.0.0.1:8000": `127.0.0.1:${node.port}` });
  return behind(front, () => node.output, node.close);
}

/** A web server in front of `serveFastcgi`. */
export async function behindFastcgi(server: "nginx" | "apache"): Promise<Behind> {
  const folder = await makeFolder();
  const path = join(folder, "fastcgi.sock");
  // The web server has a user of its own.
  const fastcgi = await bootFastcgi(MODULE, { path, mode: 0o666 });
  const boot = server === "nginx" ? bootNginx : bootApache;
  const front = await boot("fastcgi", { "/run/app/fastcgi.sock": path, "/hello": "" });
  return behind(
    front,
    () => fastcgi.output,
    async () => {
      await fastcgi.close();
      await rm(folder, { recursive: true, force: true });
    },
  );
}

/** Apache httpd with a program that it starts. */
export async function behindProgram(site: "cgi" | "fcgid"): Promise<Behind> {
  const variables = (folder: string) => ({ DRAM_PRINT: join(folder, "output") });
  const program = await makeProgram(new URL(`./${site}.ts`, import.meta.url), variables);
  const script = site === "cgi" ? "cgi" : "fastcgi";
  const front = await bootApache(site, {
    [`/srv/app/${script}.ts`]: program.path,
    "/srv/app": program.folder,
    "/hello": "",
  });
  const printed = join(program.folder, "output");
  return behind(
    front,
    () => (existsSync(printed) ? readFileSync(printed, "utf8").trimEnd().split("\n") : []),
    program.remove,
  );
}

function behind(
  front: WebServer,
  output: () => readonly string[],
  close: () => Promise<unknown>,
): Behind {
  return {
    port: front.port,
    get log() {
      return front.log;
    },
    get output() {
      return output();
    },
    sendRaw: (bytes) => sendRaw(front.port, bytes),
    async close() {
      await front.close();
      await close();
    },
  };
}
