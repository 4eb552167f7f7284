import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { DENO, DENO_ENV } from "../targets/deno.ts";
import { until } from "../targets/target.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("the example needs the permission for its own port and no other", async () => {
  const port = await freePort();
  const child = run(["run", `--allow-net=127.0.0.1:${port}`, "examples/hello/deno.ts", `${port}`]);
  await until(() => child.output.includes("\n") || child.process.exitCode !== null);
  expect(child.output).toBe(`hello is at http://127.0.0.1:${port} (Ctrl-C stops it)\n`);
  const url = `http://127.0.0.1:${port}`;
  for (const path of ["/", "/environ", "/download?bytes=1000"]) {
    await (await fetch(`${url}${path}`)).arrayBuffer();
  }
  expect((await fetch(`${url}/redirect`, { redirect: "manual" })).status).toBe(303);
  child.process.kill("SIGTERM");
  await until(() => child.process.exitCode !== null);
  expect(child.process.exitCode).toBe(0);
});

test("without that permission it says what it lacks", async () => {
  const child = run(["run", "examples/hello/deno.ts"]);
  await until(() => child.process.exitCode !== null);
  expect(child.process.exitCode).toBe(1);
  expect(child.output).toContain("cannot listen on 127.0.0.1:8000: Requires net access");
});

test("deno serve serves the example without any permission", async () => {
  const child = run([
    ...["serve", "--host", "127.0.0.1", "--port", "0"],
    "examples/hello/deploy.ts",
  ]);
  const listening = () => /Listening on (http:\S+)\//.exec(child.output)?.[1];
  await until(() => listening() !== undefined);
  expect((await fetch(`${listening()}/redirect`, { redirect: "manual" })).status).toBe(303);
});

test("the sources run from a clone as it is, with nothing installed or downloaded", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dram-clone-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const path of ["core", "adapters", "deno.json", "package.json", "examples/hello/deno.ts"]) {
    await cp(join(root, path), join(folder, path), { recursive: true });
  }
  await cp(
    fileURLToPath(new URL("./environs.ts", import.meta.url)),
    join(folder, "examples/hello/application.ts"),
  );
  const port = await freePort();
  const child = run(
    ["run", `--allow-net=127.0.0.1:${port}`, "examples/hello/deno.ts", `${port}`],
    folder,
    { DENO_DIR: join(folder, "deno") },
  );
  await until(() => child.output.includes("\n") || child.process.exitCode !== null);
  expect(child.output).toBe(`hello is at http://127.0.0.1:${port} (Ctrl-C stops it)\n`);
  expect(await (await fetch(`http://127.0.0.1:${port}/whole`)).text()).toBe("whole");
});

function run(
  parameters: readonly string[],
  cwd: string = root,
  environment: NodeJS.ProcessEnv = {},
): { readonly process: ChildProcess; readonly output: string } {
  const child = spawn(DENO, [...parameters.slice(0, 1), "--no-prompt", ...parameters.slice(1)], {
    cwd,
    env: { ...DENO_ENV, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return {
    process: child,
    get output() {
      return output;
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
