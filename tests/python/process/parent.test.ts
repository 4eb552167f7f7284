import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { readResponse, runCgi, startCgi, variablesOf } from "../../targets/cgi.ts";
import { bootFastcgi } from "../../targets/fastcgi.ts";
import { isInstalled } from "../../targets/installed.ts";
import { bootNginx } from "../../targets/nginx.ts";
import { bootNode, type NodeTarget } from "../../targets/node.ts";
import { textOf, until } from "../../targets/target.ts";
import { makeFolder } from "../../targets/webserver.ts";
import { gate, isAlive } from "./helpers.ts";

const MODULE = new URL("./parent.ts", import.meta.url);

async function boot(): Promise<NodeTarget> {
  const target = await bootNode({ module: MODULE.href });
  onTestFinished(() => {
    target.process.kill("SIGKILL");
  });
  return target;
}

async function ask(target: NodeTarget, path: string): Promise<string> {
  return textOf(await target.send({ path }));
}

describe("a server with workers", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("ends with them at %s, with 0", async (signal) => {
    const target = await boot();
    const pid = Number(await ask(target, "/pid"));
    target.process.kill(signal);
    expect(await target.exit).toBe(0);
    await until(() => !isAlive(pid));
    expect(target.log).toEqual([]);
  });

  test("ends what is in hand, though all of its processes are told to stop", async () => {
    const target = await boot();
    const { path, open } = gate();
    const answer = ask(target, path);
    const pid = await waiting(target);
    target.process.kill("SIGTERM");
    process.kill(pid, "SIGTERM");
    process.kill(pid, "SIGINT");
    open();
    expect(await answer).toBe(String(pid));
    expect(await target.exit).toBe(0);
    await until(() => !isAlive(pid));
  });

  test("that is killed leaves none of them, not even a busy one", async () => {
    const target = await boot();
    const idle = Number(await ask(target, "/pid"));
    ask(target, "/hangs").catch(() => {});
    await until(() => target.log.includes("hangs"));
    const other = Number(await ask(target, "/pid"));
    target.process.kill("SIGKILL");
    await target.exit;
    await until(() => !isAlive(idle) && !isAlive(other));
  });
});

test("a process that has nothing more to do ends, and its workers with it", async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=dram-source", fileURLToPath(new URL("./ending.ts", import.meta.url))],
    { timeout: 20_000 },
  );
  await until(() => !isAlive(Number(stdout)));
});

describe("under CGI", () => {
  test("one request starts a worker and ends it", async () => {
    const { output, exit, log } = await runCgi({
      module: MODULE.href,
      variables: variablesOf({ path: "/pid" }),
    });
    expect(output).toMatch(/^Status: 200 OK\r\n/);
    expect([exit, log]).toEqual([0, []]);
    const pid = Number(output.split("\r\n\r\n")[1]);
    await until(() => !isAlive(pid));
  });

  test("a body is read, and streamed back", async () => {
    const program = startCgi({
      module: MODULE.href,
      variables: { ...variablesOf({ method: "POST", path: "/early" }), CONTENT_LENGTH: "100000" },
    });
    program.process.stdin?.end("x".repeat(100_000));
    const response = await readResponse(program);
    expect(await textOf(response)).toBe(`early${"x".repeat(100_000)}`);
    expect(await program.exit).toBe(0);
  });

  test("a header Proxy is no proxy to the worker (CVE-2016-1000110)", async () => {
    const { output } = await runCgi({
      module: MODULE.href,
      variables: variablesOf({
        path: "/environment?HTTP_PROXY",
        headers: [["Proxy", "http://evil.example"]],
      }),
    });
    expect(output.split("\r\n\r\n")[1]).toBe("None");
  });
});

describe.runIf(isInstalled("nginx"))("under FastCGI behind nginx", () => {
  test("a request is answered, a body streamed both ways, an error logged", async () => {
    const folder = await makeFolder();
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "s");
    const target = await bootFastcgi(MODULE, { path, mode: 0o666 });
    onTestFinished(() => target.close());
    const nginx = await bootNginx("fastcgi", { "/run/app/fastcgi.sock": path });
    onTestFinished(() => nginx.close());
    const url = `http://127.0.0.1:${nginx.port}/hello`;
    expect(await (await fetch(`${url}/pid`)).text()).toMatch(/^\d+$/);
    const body = new Uint8Array(900_000);
    expect(await (await fetch(`${url}/upload`, { method: "POST", body })).text()).toMatch(
      /^900000 /,
    );
    expect((await (await fetch(`${url}/download?100`)).bytes()).length).toBe(6_553_600);
    expect((await fetch(`${url}/raises`)).status).toBe(500);
    await until(() => nginx.log.some((line) => line.includes("ZeroDivisionError: on purpose")));
    const pid = Number(await (await fetch(`${url}/pid`)).text());
    process.kill(pid, "SIGKILL");
    await until(() => target.log.length === 1);
    expect(await (await fetch(`${url}/pid`)).text()).toMatch(/^\d+$/);
  });
});

/** The worker that waits in `/waits`. */
async function waiting(target: NodeTarget): Promise<number> {
  let pid = 0;
  await until(() => {
    pid = Number(/^waits in (\d+)/.exec(target.log[0] ?? "")?.[1] ?? 0);
    return pid > 0;
  });
  return pid;
}
