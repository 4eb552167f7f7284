import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { bootApache } from "../targets/apache.ts";
import { isInstalled } from "../targets/installed.ts";
import { linesOf } from "../targets/lines.ts";
import { bootNginx } from "../targets/nginx.ts";
import { makeProgram } from "../targets/program.ts";
import { until } from "../targets/target.ts";
import { makeFolder, type WebServer } from "../targets/webserver.ts";

const HELLO = new URL("../../examples/hello/", import.meta.url);

test.runIf(isInstalled("apache2"))("cgi.ts is started by Apache", async () => {
  await expectPage(await started("cgi", "cgi.ts"));
});

test.runIf(isInstalled("apache2", "mod_fcgid"))("fastcgi.ts is started by Apache", async () => {
  await expectPage(await started("fcgid", "fastcgi.ts"));
});

test.runIf(isInstalled("nginx"))("fastcgi.ts serves nginx, as systemd starts it", async () => {
  const folder = await makeFolder();
  const path = join(folder, "fastcgi.sock");
  const unit = new URL("../systemd/hello-fastcgi.service", HELLO);
  const [, variables = ""] = /^Environment=(.*)$/m.exec(readFileSync(unit, "utf8")) ?? [];
  const given = variables.split(" ").map((pair) => pair.split("="));
  const child = spawn(
    process.execPath,
    ["--conditions=dram-source", fileURLToPath(new URL("fastcgi.ts", HELLO))],
    {
      env: { ...process.env, ...Object.fromEntries(given), FASTCGI_SOCKET: path },
      stdio: ["ignore", "pipe", "inherit"],
      // nginx has a user of its own; the unit gives the socket to its group.
      ...(process.getuid?.() === 0 ? { gid: groupOf("www-data") } : {}),
    },
  );
  const output = linesOf(child.stdout);
  const exit = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGTERM");
    expect(await exit).toEqual([0, null]);
    await rm(folder, { recursive: true });
  });
  await until(() => output.includes(`hello is at unix:${path}`));
  const nginx = await bootNginx("fastcgi", { "/run/app/fastcgi.sock": path });
  onTestFinished(() => nginx.close());
  await expectPage(nginx);
});

/** Apache with a script of the example, as its site starts it. */
async function started(site: "cgi" | "fcgid", script: string): Promise<WebServer> {
  const program = await makeProgram(new URL(script, HELLO));
  onTestFinished(program.remove);
  const apache = await bootApache(site, {
    [`/srv/app/${script}`]: program.path,
    "/srv/app": program.folder,
  });
  onTestFinished(() => apache.close());
  return apache;
}

async function expectPage({ port, log }: WebServer): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/hello`);
  const page = await response.text();
  expect(response.status, log.join("\n")).toBe(200);
  expect(page).toContain("<h1>Hello from WSGI</h1>");
  expect(page).toMatch(/SCRIPT_NAME[\s\S]{0,60}\/hello/);
}

function groupOf(name: string): number {
  const [line = ""] = readFileSync("/etc/group", "utf8")
    .split("\n")
    .filter((entry) => entry.startsWith(`${name}:`));
  return Number(line.split(":")[2]);
}
