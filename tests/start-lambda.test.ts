import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { gateways } from "../scripts/lambda/gateways.ts";

const SCRIPT = join(import.meta.dirname, "../scripts/start-lambda.ts");
const HELLO = join(import.meta.dirname, "../examples/hello/application.ts");
const WAIT = { timeout: 20_000 };

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) {
    await cleanup();
  }
});

test.each(Object.keys(gateways))("serves the example behind %s", async (name) => {
  const address = await addressOf(start(HELLO, ["--as", name]));
  const page = await fetch(address);
  expect([page.status, page.headers.get("set-cookie")?.split(";")[0]]).toEqual([200, "visits=1"]);
  const html = await page.text();
  expect(html).toContain("<h1>Hello from WSGI</h1>");
  expect(html).toContain('<a href="/redirect">');

  const form = await fetch(new URL("text", address), {
    method: "POST",
    body: new URLSearchParams({ text: "Grüße" }),
  });
  expect(await form.text()).toContain('<output id="arrived">Grüße</output>');
});

test("serves Express, which asks for Node's modules by require()", async () => {
  const handler = join(import.meta.dirname, "../examples/express/lambda.ts");
  expect(await answer(await addressOf(start(handler)))).toContain("Guest book");
});

test("serves WebSockets as a WebSocket API", async () => {
  const echo = join(import.meta.dirname, "emulator/websocketfunction.ts");
  const address = await addressOf(start(echo, ["--as", "websocket"]));
  const socket = new WebSocket(address.replace(/^http/, "ws"));
  onTestFinished(() => socket.terminate());
  await once(socket, "open");
  const answered = once(socket, "message");
  socket.send("hello");
  expect(String((await answered)[0])).toBe("hello");
});

test("links below the stage of an API", async () => {
  const address = await addressOf(start(HELLO, ["--as", "rest", "--stage", "prod"]));
  expect(new URL(address).pathname).toBe("/prod");
  expect(await answer(address)).toContain('<a href="/prod/redirect">');
});

test("streams, and serves others meanwhile", async () => {
  const address = await addressOf(start(HELLO));
  const events = await fetch(new URL("events", address));
  const reader = events.body?.getReader();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toMatch(/^data: tick 1 /);
  expect(await answer(address)).toContain("<h1>Hello from WSGI</h1>");
  await reader?.cancel();
});

test("prints event and result where it is told to", async () => {
  const server = start(HELLO, ["--as", "http", "--print"]);
  await answer(new URL("redirect?x=1", await addressOf(server)).href);
  await expect.poll(() => server.output, WAIT).toContain('  "rawQueryString": "x=1"');
  expect(server.output).toContain('result {\n  "statusCode": 303,');
});

test("says why AWS would refuse a result", async () => {
  const server = start(await module(`export const handler = async () => ({ statusCode: "200" });`));
  const address = await addressOf(server);
  expect((await fetch(address)).status).toBe(502);
  expect(server.errors).toBe(
    'GET /: statusCode: found "200", wanted a whole number from 200 to 599\n',
  );
});

test("serves a changed source without a restart", async () => {
  const path = await module(replying("one"));
  const server = start(path, ["--as", "url"]);
  const address = await addressOf(server);
  expect(await answer(address)).toBe("one");

  await writeFile(path, replying("two"));
  await expect.poll(() => answer(address), WAIT).toBe("two");
});

test("serves the last good build while a source is wrong", async () => {
  const path = await module(replying("one"));
  const server = start(path, ["--as", "url"]);
  const address = await addressOf(server);

  await writeFile(path, "const broken = ;");
  await expect.poll(() => server.errors, WAIT).toContain("The last good build still runs.");
  expect(server.errors).toContain('Unexpected ";"');
  expect(await answer(address)).toBe("one");
});

test("shows what the function logs, with its place in the sources", async () => {
  const path = await module(`export const handler = async () => {
  throw new Error("Grüße");
};`);
  const server = start(path, ["--as", "url"]);
  expect((await fetch(await addressOf(server))).status).toBe(502);
  await expect.poll(() => server.output, WAIT).toContain("function.ts:2:");
  expect(server.errors).toBe("GET /: Error: Grüße\n");
});

test("wants an application or a handler", async () => {
  const server = start(await module("export const nothing = 1;"), ["--as", "url"]);
  expect((await fetch(await addressOf(server))).status).toBe(502);
  expect(server.errors).toContain("exports neither an application nor a handler");
});

test("knows its gateways", async () => {
  const server = start(HELLO, ["--as", "soap"]);
  expect(await server.exit).toBe(1);
  expect(server.errors).toMatch(/^--as soap is no gateway\.\n\nnpm run start:lambda -- \[MODULE\]/);
});

test.for(["SIGINT", "SIGTERM"] as const)(
  "%s ends it with 0, and leaves nothing",
  async (signal) => {
    const folder = await temporary();
    const server = start(HELLO, [], { TMPDIR: folder });
    const address = await addressOf(server);
    await answer(address);
    expect(await readdir(folder)).toHaveLength(1);

    server.child.kill(signal);
    expect(await server.exit).toBe(0);
    expect(await readdir(folder)).toEqual([]);
    await expect(fetch(address)).rejects.toThrow();
    expect(server.errors).toBe("");
  },
);

interface Running {
  readonly child: ChildProcess;
  readonly output: string;
  readonly errors: string;
  readonly exit: Promise<number | null>;
}

function start(
  module: string,
  parameters: string[] = [],
  variables: NodeJS.ProcessEnv = {},
): Running {
  const child = spawn(
    process.execPath,
    ["--conditions=dram-source", SCRIPT, module, ...parameters],
    {
      env: { ...process.env, PORT: "0", NO_COLOR: "1", ...variables },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors += text;
  });
  const exit = once(child, "close").then(([code]) => code);
  cleanups.push(async () => {
    child.kill("SIGTERM");
    await exit;
  });
  return {
    child,
    exit,
    get output() {
      return output;
    },
    get errors() {
      return errors;
    },
  };
}

async function addressOf(server: Running): Promise<string> {
  const line = /^The function is behind .+ at (\S+) \(Ctrl-C stops it\)$/m;
  await expect.poll(() => server.output + server.errors, WAIT).toMatch(line);
  return line.exec(server.output)?.[1] ?? "";
}

/** The body of a page; the reason where there is none, as while a function is exchanged. */
async function answer(address: string): Promise<string> {
  try {
    return await (await fetch(address)).text();
  } catch (error) {
    return String(error);
  }
}

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "dram-start-lambda-"));
  cleanups.push(() => rm(folder, { recursive: true }));
  return folder;
}

/** Writes a module into a folder of its own. */
async function module(source: string): Promise<string> {
  const path = join(await temporary(), "function.ts");
  await writeFile(path, source);
  return path;
}

function replying(text: string): string {
  return `export const application = (_: unknown, startResponse: Function) => {
    startResponse("200 OK", [["Content-Type", "text/plain"]]);
    return [new TextEncoder().encode("${text}")];
  };`;
}
