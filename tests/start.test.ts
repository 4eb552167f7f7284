import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";

const SCRIPT = join(import.meta.dirname, "../scripts/start.ts");
const HELLO = join(import.meta.dirname, "../wrangler.toml");
const WAIT = { timeout: 20_000 };

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) {
    await cleanup();
  }
});

test("prints the address and serves the example page there", {
  timeout: 30_000,
}, async () => {
  const server = start(HELLO, "0");
  const address = await addressOf(server);
  expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);

  const response = await fetch(address);
  expect(response.status).toBe(200);
  expect(await response.text()).toContain("<h1>Hello from WSGI</h1>");
  expect(server.errors).toBe("");
});

test("listens on the port that PORT names", { timeout: 30_000 }, async () => {
  const port = await freePort();
  const server = start(await project(replying("one")), String(port));
  expect(await addressOf(server)).toBe(`http://127.0.0.1:${port}`);
});

test("gives the worker the variables of wrangler.toml", {
  timeout: 30_000,
}, async () => {
  const server = start(await project(replying("from wrangler.toml: ", "env.GREETING")), "0");
  expect(await answer(await addressOf(server))).toBe("from wrangler.toml: hello");
});

test("shows what the worker logs, with its place in the sources", {
  timeout: 30_000,
}, async () => {
  const config = await project(`
    export default {
      fetch(): Response {
        console.error(new Error("Grüße"));
        return new Response("logged");
      },
    };
  `);
  const server = start(config, "0");
  await answer(await addressOf(server));
  await expect.poll(() => server.errors, WAIT).toMatch(/Error: Grüße\n +at .*\(worker\.ts:4:23\)/);
});

test("serves a changed source without a restart", { timeout: 30_000 }, async () => {
  const config = await project(replying("one"));
  const server = start(config, "0");
  const address = await addressOf(server);
  expect(await answer(address)).toBe("one");

  await writeFile(join(config, "../worker.ts"), replying("two"));
  await expect.poll(() => answer(address), WAIT).toBe("two");
});

test("serves the last good build while a source is wrong", {
  timeout: 30_000,
}, async () => {
  const config = await project(replying("one"));
  const server = start(config, "0");
  const address = await addressOf(server);

  await writeFile(join(config, "../worker.ts"), `${replying("two")}\nconst broken = ;`);
  await expect.poll(() => server.errors, WAIT).toContain("The last good build still runs.");
  expect(server.errors).toContain('Unexpected ";"');
  expect(server.errors).toContain("worker.ts:2:15");
  expect(await answer(address)).toBe("one");

  await writeFile(join(config, "../worker.ts"), replying("three"));
  await expect.poll(() => answer(address), WAIT).toBe("three");
});

test("runs the last good build again if the new one does not start", {
  timeout: 30_000,
}, async () => {
  const config = await project(replying("one"));
  const server = start(config, "0");
  const address = await addressOf(server);

  await writeFile(join(config, "../worker.ts"), `throw new Error("at the top");`);
  await expect.poll(() => server.errors, WAIT).toContain("The last good build runs again.");
  expect(server.errors).toContain("Error: at the top");
  expect(await answer(address)).toBe("one");

  await writeFile(join(config, "../worker.ts"), replying("two"));
  await expect.poll(() => answer(address), WAIT).toBe("two");
});

test("waits for the first build that succeeds", { timeout: 30_000 }, async () => {
  const config = await project("const broken = ;");
  const server = start(config, "0");
  await expect.poll(() => server.errors, WAIT).toContain("Waiting for a change.");
  expect(server.errors).toContain('Unexpected ";"');
  expect(server.output).toBe("");

  await writeFile(join(config, "../worker.ts"), replying("one"));
  expect(await answer(await addressOf(server))).toBe("one");
});

test("waits for the first worker that starts", { timeout: 30_000 }, async () => {
  const config = await project(`throw new Error("at the top");`);
  const server = start(config, "0");
  await expect.poll(() => server.errors, WAIT).toContain("Waiting for a change.");
  expect(server.errors).toContain("Error: at the top");

  await writeFile(join(config, "../worker.ts"), replying("one"));
  expect(await answer(await addressOf(server))).toBe("one");
});

test("says in one line that the port is taken", { timeout: 30_000 }, async () => {
  const port = await occupiedPort();
  const server = start(HELLO, String(port));
  expect(await server.exit).toBe(1);
  expect(server.errors).toBe(`Port ${port} is taken. Choose another one: PORT=NUMBER npm start\n`);
  expect(server.output).toBe("");
});

test("says in one line that PORT is not a port", { timeout: 30_000 }, async () => {
  for (const port of ["http", "65536", ""]) {
    const server = start(HELLO, port);
    expect(await server.exit).toBe(1);
    expect(server.errors).toBe(
      `PORT=${port} is not a port: a number from 0 (any that is free) to 65535.\n`,
    );
  }
});

test.for(["SIGINT", "SIGTERM"] as const)(
  "%s ends it with 0, and every process it started",
  { timeout: 30_000 },
  async (signal) => {
    const server = start(await project(replying("one")), "0");
    const address = await addressOf(server);
    const started = processesBelow(server.pid);
    expect(started.some(({ name }) => name.includes("workerd"))).toBe(true);

    process.kill(server.pid, signal);
    expect(await server.exit).toBe(0);
    await expect.poll(() => started.filter(({ pid }) => alive(pid)), WAIT).toEqual([]);
    await expect(fetch(address)).rejects.toThrow();
    expect(server.errors).toBe("");
  },
);

test("Ctrl-C, which reaches all its processes at once, ends it with 0", {
  timeout: 30_000,
}, async () => {
  const server = start(await project(replying("one")), "0");
  await addressOf(server);
  const started = processesBelow(server.pid);

  process.kill(-server.pid, "SIGINT");
  expect(await server.exit).toBe(0);
  await expect.poll(() => started.filter(({ pid }) => alive(pid)), WAIT).toEqual([]);
  expect(server.errors).toBe("");
});

test("starts again on the port it has just left", { timeout: 30_000 }, async () => {
  const config = await project(replying("one"));
  const first = start(config, "0");
  const address = await addressOf(first);
  process.kill(first.pid, "SIGINT");
  expect(await first.exit).toBe(0);

  const second = start(config, new URL(address).port);
  expect(await addressOf(second)).toBe(address);
  expect(await answer(address)).toBe("one");
});

interface Running {
  readonly pid: number;
  /** All of standard output so far. */
  readonly output: string;
  /** All of standard error so far. */
  readonly errors: string;
  readonly exit: Promise<number | string | null>;
}

function start(config: string, port: string): Running {
  const child = spawn(process.execPath, [SCRIPT, config], {
    // A process group of its own, as a terminal gives it.
    detached: true,
    env: { ...process.env, PORT: port, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const pid = child.pid;
  if (pid === undefined) {
    throw new Error(`${process.execPath} cannot be started`);
  }

  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors += text;
  });
  const exit = new Promise<number | string | null>((resolve) => {
    child.on("close", (code, signal) => resolve(code ?? signal));
  });
  cleanups.push(async () => {
    child.kill("SIGTERM");
    await exit;
  });
  return {
    pid,
    get output() {
      return output;
    },
    get errors() {
      return errors;
    },
    exit,
  };
}

async function addressOf(server: Running): Promise<string> {
  const line = /^\S+ is at (\S+) \(Ctrl-C stops it\)$/m;
  await expect.poll(() => server.output + server.errors, WAIT).toMatch(line);
  return line.exec(server.output)?.[1] ?? "";
}

/** The body of a page; the reason where there is none, as while a worker is exchanged. */
async function answer(address: string): Promise<string> {
  try {
    return await (await fetch(address)).text();
  } catch (error) {
    return String(error);
  }
}

/** Writes a Worker into a folder of its own and returns the path of its wrangler.toml. */
async function project(worker: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "dram-start-"));
  cleanups.push(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "worker.ts"), worker);
  const config = join(folder, "wrangler.toml");
  await writeFile(
    config,
    `name = "tiny"
main = "worker.ts"
compatibility_date = "2026-07-30"
[vars]
GREETING = "hello"
`,
  );
  return config;
}

function replying(text: string, more = '""'): string {
  return `export default { fetch: (_: Request, env: { GREETING: string }) => new Response("${text}" + ${more}) };`;
}

async function freePort(): Promise<number> {
  const server = await listen();
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function occupiedPort(): Promise<number> {
  const server = await listen();
  cleanups.push(() => new Promise((resolve) => server.close(resolve)));
  return portOf(server);
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject).listen(0, "127.0.0.1", () => resolve(server));
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error("not a TCP server");
  }
  return address.port;
}

function processesBelow(root: number): { pid: number; name: string }[] {
  const all = processes();
  const below = new Set([root]);
  // A parent may come after its child in the list, so until nothing is found any more.
  for (let size = 0; size < below.size; ) {
    size = below.size;
    for (const { pid, parent } of all) {
      if (below.has(parent)) {
        below.add(pid);
      }
    }
  }
  below.delete(root);
  return all.filter(({ pid }) => below.has(pid));
}

function alive(pid: number): boolean {
  return processes().some((process) => process.pid === pid && !process.state.startsWith("Z"));
}

function processes(): { pid: number; parent: number; state: string; name: string }[] {
  const list = execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat=,comm="], { encoding: "utf8" });
  return list
    .trim()
    .split("\n")
    .map((line) => {
      const [pid, parent, state = "", ...name] = line.trim().split(/\s+/);
      return { pid: Number(pid), parent: Number(parent), state, name: name.join(" ") };
    });
}
