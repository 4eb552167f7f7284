import { rmSync } from "node:fs";
import { join } from "node:path";
import type { FastcgiOptions } from "dram/fastcgi";
import { describe, expect, onTestFinished, test } from "vitest";
import { bootFastcgi, type FastcgiTarget } from "../targets/fastcgi.ts";
import { isInstalled } from "../targets/installed.ts";
import { bootNginx } from "../targets/nginx.ts";
import { until } from "../targets/target.ts";
import { makeFolder, type WebServer } from "../targets/webserver.ts";
import { pids } from "./helpers.ts";

interface Behind {
  readonly url: string;
  readonly target: FastcgiTarget;
  /** Has the lines of nginx's error log. */
  readonly nginx: WebServer;
}

/** `application.ts` behind nginx as examples/nginx configures it. */
async function behindNginx(
  options: FastcgiOptions,
  values: Readonly<Record<string, string>> = {},
): Promise<Behind> {
  const folder = await makeFolder();
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "s");
  const module = new URL("./application.ts", import.meta.url);
  // nginx runs as another user.
  const target = await bootFastcgi(module, { path, mode: 0o666, ...options });
  onTestFinished(() => target.close());
  const nginx = await bootNginx("fastcgi", { "/run/app/fastcgi.sock": path, ...values });
  onTestFinished(() => nginx.close());
  return { url: `http://127.0.0.1:${nginx.port}/hello`, target, nginx };
}

describe.runIf(isInstalled("nginx"))("behind nginx", () => {
  test("F18 G11 of a worker that is killed under load, only requests in flight fail", async () => {
    const { url, target } = await behindNginx({ workers: 2 });
    const seen: { begun: number; pid: number | undefined }[] = [];
    let done = false;
    onTestFinished(() => {
      done = true;
    });
    const clients = Array.from({ length: 8 }, async () => {
      while (!done) {
        const begun = performance.now();
        const response = await fetch(`${url}/busy`);
        const body = await response.text();
        const pid = response.status === 200 ? Number(body) : undefined;
        seen.push({ begun, pid });
      }
    });
    for (let round = 0; round < 3; round++) {
      const [victim = 0] = await pids(target.place, 2);
      const before = seen.length;
      await until(() => seen.slice(before).some(({ pid }) => pid === victim));
      const killed = performance.now();
      process.kill(victim, "SIGKILL");
      await until(() => seen.filter(({ begun, pid }) => begun > killed && pid).length >= 16);
      expect(performance.now() - killed).toBeLessThan(1000);
      const failed = seen.slice(before).filter(({ pid }) => pid === undefined);
      expect(failed.length).toBeLessThanOrEqual(8);
      // In flight, or sent on a connection that was just being closed.
      expect(failed.filter(({ begun }) => begun > killed + 100)).toEqual([]);
    }
    expect(target.log).toHaveLength(3);
    done = true;
    await Promise.all(clients);
    expect(seen.length).toBeGreaterThan(100);
  });

  test("F19 a client that leaves in mid-download closes the body, once", async () => {
    const { url, target } = await behindNginx({});
    const controller = new AbortController();
    const response = await fetch(`${url}/hangs`, { signal: controller.signal });
    await response.body?.getReader().read();
    controller.abort();
    await until(() => target.output.includes("closed"));
    expect(target.output).toEqual([
      "started",
      expect.stringMatching(/^aborted: ERR_CLIENT_DISCONNECTED: /),
      "closed",
    ]);
  });

  test.each([
    ["on", {}],
    ["off", { "fastcgi_keep_conn on;": "fastcgi_keep_conn off;" }],
  ])("a response that breaks is seen to, with fastcgi_keep_conn %s", async (_name, values) => {
    const { url, nginx } = await behindNginx({}, values);
    const broken = fetch(`${url}/breaks`).then((response) => response.text());
    await expect(broken).rejects.toThrow();
    await until(() => nginx.log.some((line) => line.includes("in mid-body")));
  });

  test("wsgi.errors is in nginx's error log, a line each", async () => {
    const { url, nginx } = await behindNginx({});
    expect((await fetch(`${url}/throws`)).status).toBe(500);

    await until(() => nginx.log.some((line) => line.includes("Error: on purpose")));
    const [line] = nginx.log.filter((line) => line.includes("Error: on purpose"));
    expect(line).toContain('FastCGI sent in stderr: "dram: GET /hello/throws: Error: on purpose');
  });
});
