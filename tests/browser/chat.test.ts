import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  test as testAlways,
} from "vitest";
import { DENO, DENO_ENV, denoConfig } from "../targets/deno.ts";
import { isInstalled } from "../targets/installed.ts";
import { launch, openPage } from "./chromium.ts";

const PHONE = { width: 390, height: 844 };

const test = testAlways.runIf(isInstalled("chromium"));

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});

afterAll(() => browser?.close());

interface Started {
  readonly url: string;
  stop(): Promise<void>;
}

function path(file: string): string {
  return fileURLToPath(new URL(`../../${file}`, import.meta.url));
}

/** Starts an entry as its user does, and waits for what it says. */
async function start(
  command: string,
  parameters: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Started> {
  const child = spawn(command, parameters, { env, stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const [url = ""] = /http:\S+/.exec(line) ?? [];
  return {
    url,
    async stop() {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

const PLATFORMS: readonly [name: string, start: (port: number) => Promise<Started>][] = [
  [
    "workerd",
    (port) =>
      start(process.execPath, [path("scripts/start.ts"), path("examples/chat/wrangler.toml")], {
        ...process.env,
        PORT: String(port),
      }),
  ],
  [
    "Deno",
    (port) =>
      start(
        DENO,
        ["run", "--allow-net", ...denoConfig(), path("examples/chat/deno.ts"), String(port)],
        DENO_ENV,
      ),
  ],
  [
    "Node",
    (port) =>
      start(process.execPath, ["--conditions=dram-source", path("examples/chat/node.ts")], {
        ...process.env,
        PORT: String(port),
      }),
  ],
];

describe.each(PLATFORMS)("the page of examples/chat on %s", (_name, startOn) => {
  let port: number;
  let running: Started;
  let pages: Page[];
  let complaints: string[];
  /** What a browser says by itself of a connection that fails. */
  let expected: RegExp | undefined;

  beforeAll(async () => {
    port = await freePort();
    running = await startOn(port);
  });

  afterAll(() => running?.stop());

  beforeEach(() => {
    pages = [];
    complaints = [];
    expected = undefined;
  });

  afterEach(async () => {
    await Promise.all(pages.map((page) => page.context().close()));
    expect(complaints.filter((complaint) => !expected?.test(complaint))).toEqual([]);
  });

  async function visit(hash = ""): Promise<Page> {
    const opened = await openPage(browser);
    opened.page.on("close", () => complaints.push(...opened.complaints));
    pages.push(opened.page);
    await opened.page.setViewportSize(PHONE);
    await opened.page.goto(`${running.url}/${hash}`);
    return opened.page;
  }

  async function enter(name: string, room: string): Promise<Page> {
    const page = await visit();
    await page.fill("#name", name);
    await page.fill("#room", room);
    await page.click("#door button");
    await page.waitForSelector('#line[data-state="open"]');
    return page;
  }

  async function say(page: Page, text: string): Promise<void> {
    await page.fill("#text", text);
    await page.press("#text", "Enter");
  }

  function log(page: Page): Promise<string[]> {
    return page.locator("#log li").allInnerTexts();
  }

  function heard(page: Page, text: string): Promise<unknown> {
    return page.locator("#log li", { hasText: text }).waitFor();
  }

  test("what one says, the others in the room read", async () => {
    const ada = await enter("Ada", "engines");
    const charles = await enter("Charles", "engines");
    await heard(ada, "Charles has come in");
    await say(ada, "Grüße <b>& more</b>");
    await heard(charles, "Grüße <b>& more</b>");
    await say(charles, "Hello, Ada");
    await heard(ada, "Hello, Ada");
    expect(await log(charles)).toEqual([
      "Here: Ada, Charles",
      "Ada\nGrüße <b>& more</b>",
      "Hello, Ada",
    ]);
    expect(await ada.locator("#log .own").allInnerTexts()).toEqual(["Grüße <b>& more</b>"]);
    await charles.context().close();
    await heard(ada, "Charles has left");
  });

  test("rooms are apart", async () => {
    const tea = await enter("Ada", "green-tea");
    const coffee = await enter("Charles", "coffee");
    await say(tea, "only tea");
    await heard(tea, "only tea");
    await say(coffee, "only coffee");
    await heard(coffee, "only coffee");
    expect(await log(tea)).toEqual(["Here: Ada", "only tea"]);
    expect(await log(coffee)).toEqual(["Here: Charles", "only coffee"]);
  });

  test("a room that cannot be is denied, and the page says why", async () => {
    expected = /404|WebSocket connection to/;
    const page = await visit();
    await page.fill("#name", "Ada");
    await page.fill("#room", "Not a room!");
    await page.click("#door button");
    await page.locator("#denied", { hasText: "A room is called by" }).waitFor();
    expect(await page.isVisible("#door")).toBe(true);
    await page.fill("#room", "a-room");
    await page.click("#door button");
    await page.waitForSelector('#line[data-state="open"]');
    expect(await page.textContent("#denied")).toBe("");
  });

  test("nobody comes in without a name", async () => {
    expected = /400|WebSocket connection to/;
    const page = await visit();
    await page.fill("#name", "   ");
    await page.click("#door button");
    await page.locator("#denied", { hasText: "Say who you are" }).waitFor();
  });

  test("the address of a room leads there", async () => {
    const page = await visit("rooms/engines");
    expect(page.url()).toBe(`${running.url}/#engines`);
    expect(await page.inputValue("#room")).toBe("engines");
  });

  test("nothing is wider than a phone, and the field stays in sight", async () => {
    const page = await enter("Ada", "narrow");
    for (let count = 0; count < 40; count++) {
      await say(page, `${count} ${"long".repeat(40)}`);
    }
    await heard(page, "39 long");
    const width = await page.evaluate("document.documentElement.scrollWidth");
    expect(width).toBe(PHONE.width);
    const field = await page.locator("#text").boundingBox();
    expect((field?.y ?? 0) + (field?.height ?? 0)).toBeLessThanOrEqual(PHONE.height);
    expect(await page.locator("#log li").last().isVisible()).toBe(true);
  });

  test("pages come back when the server does", async () => {
    expected = /WebSocket connection to|ERR_CONNECTION_REFUSED/;
    const [ada, charles] = [await enter("Ada", "patient"), await enter("Charles", "patient")];
    await running.stop();
    await ada.waitForSelector('#line[data-state="broken"]');
    running = await startOn(port);
    await Promise.all(
      [ada, charles].map((page) => page.waitForSelector('#line[data-state="open"]')),
    );
    await say(ada, "still there?");
    await heard(charles, "still there?");
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
