import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { bootApache } from "../targets/apache.ts";
import { bootFastcgi } from "../targets/fastcgi.ts";
import { isInstalled } from "../targets/installed.ts";
import { bootNginx } from "../targets/nginx.ts";
import { bootNode } from "../targets/node.ts";
import { makeFolder } from "../targets/webserver.ts";
import { send } from "../targets/workerd.ts";

const MODULE = new URL("./application.ts", import.meta.url);
const servers = [
  ["nginx", isInstalled("nginx"), bootNginx, 502],
  ["Apache", isInstalled("apache2"), bootApache, 503],
] as const;

for (const [name, installed, boot, down] of servers) {
  const runs = test.runIf(installed);

  runs(`F20 ${name} asks dram/fastcgi again as soon as it is back`, async () => {
    const folder = await makeFolder();
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, "fastcgi.sock");
    const start = () => bootFastcgi(MODULE, { path, mode: 0o666 });
    const first = await start();
    const front = await boot("fastcgi", { "/run/app/fastcgi.sock": path, "/hello": "" });
    onTestFinished(front.close);
    expect(await statusesOf(front.port)).toEqual(new Set([200]));
    await first.close();
    expect(await statusesOf(front.port)).toEqual(new Set([down]));
    const second = await start();
    onTestFinished(second.close);
    expect(await statusesOf(front.port)).toEqual(new Set([200]));
  });

  runs(`F20 ${name} asks dram/node again as soon as it is back`, async () => {
    const start = (port: number) => bootNode({ module: MODULE.href, options: { port } });
    const first = await start(0);
    const front = await boot("proxy", { "127.0.0.1:8000": `127.0.0.1:${first.port}` });
    onTestFinished(front.close);
    expect(await statusesOf(front.port)).toEqual(new Set([200]));
    await first.close();
    expect(await statusesOf(front.port)).toEqual(new Set([down]));
    const second = await start(first.port);
    onTestFinished(second.close);
    expect(await statusesOf(front.port)).toEqual(new Set([200]));
  });
}

/** Of several requests, so that every process of the web server gets some. */
async function statusesOf(port: number): Promise<ReadonlySet<number>> {
  const responses = await Promise.all(
    Array.from({ length: 30 }, () => send(port, { path: "/logs" })),
  );
  return new Set(responses.map(({ status }) => status));
}
