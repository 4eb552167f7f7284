import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { Miniflare, type WorkerdStructuredLog } from "miniflare";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test as testAlways } from "vitest";
import { bundling, readProject, serving } from "../../scripts/worker.ts";
import { isInstalled } from "../targets/installed.ts";
import { launch, openPage } from "./chromium.ts";

const ROOT = join(import.meta.dirname, "../..");
const test = testAlways.runIf(isInstalled("chromium"));
const WAIT = { timeout: 10_000 };
const PHONE = { width: 390, height: 844 };

let browser: Browser;
let miniflare: Miniflare;
let mounted: Miniflare;
let home: string;
let mountedHome: string;

let page: Page;
/** What the browser complained about during the test. */
let complaints: string[];
/** What the worker wrote to the log during the test. */
let logged: string[];

beforeAll(async () => {
  browser = await launch();
  miniflare = await serve({});
  home = (await miniflare.ready).href;
  mounted = await serve({
    entryPoints: [],
    stdin: {
      contents: `
        import { mount } from "dram";
        import { toWorker } from "dram/workers";
        import { application } from "./examples/hello/application.ts";
        export default toWorker(mount("/some where/\\u00c3\\u00b6", application));
      `,
      resolveDir: ROOT,
    },
  });
  mountedHome = new URL("/some%20where/%C3%B6/", await mounted.ready).href;
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await miniflare?.dispose();
  await mounted?.dispose();
});

beforeEach(async () => {
  ({ page, complaints } = await openPage(browser));
  logged = [];
});

afterEach(async () => {
  await page.context().close();
  expect(complaints).toEqual([]);
  expect(logged).toEqual([]);
});

test("shows the environ of this very request, as text", async () => {
  await page.goto(`${home}?q=<b>&"x"`);
  expect(await value("REQUEST_METHOD")).toBe("GET");
  expect(await value("PATH_INFO")).toBe("/");
  expect(await value("QUERY_STRING")).toBe("q=%3Cb%3E&%22x%22");
  expect(await value("HTTP_USER_AGENT")).toContain("Chrome");
  expect(await value("SCRIPT_NAME")).toBe("empty");
  expect(await value("wsgi.version")).toBe("[1, 0]");
  expect(await value("wsgi.run_once")).toBe("false");
  expect(await value("wsgi.file_wrapper")).toBe("function");
});

test("escapes what comes with the request", async () => {
  await page.context().addCookies([{ name: "c", value: "<script>alert(1)</script>", url: home }]);
  await page.goto(home);
  expect(await value("HTTP_COOKIE")).toContain("c=<script>alert(1)</script>");

  await page.fill("#message", "<img src=x onerror=alert(1)> &amp; \"quotes\" 'too'");
  await page.click("#text button");
  expect(await page.textContent("#arrived")).toBe(
    "<img src=x onerror=alert(1)> &amp; \"quotes\" 'too'",
  );
});

test("shows the posted text as it was typed", async () => {
  await page.goto(home);
  await page.fill("#message", "Grüße + 50 %\n世界 🌍");
  await page.click("#text button");
  expect(await page.textContent("#arrived")).toBe("Grüße + 50 %\n世界 🌍");
  expect(await page.textContent("body")).toContain("18 characters");

  await page.click("text=Back");
  await page.waitForURL(home);
});

test("answers an upload with name, size and SHA-256", async () => {
  const file = randomBytes(3_000_001);
  await page.goto(home);
  await page.setInputFiles("#file", {
    name: "Bild 1 & ü.png",
    mimeType: "image/png",
    buffer: file,
  });
  await page.click("#upload button");
  await page.waitForSelector("#upload output:has-text('SHA-256')");
  expect((await page.textContent("#upload output"))?.split("\n")).toEqual([
    "Bild 1 & ü.png",
    "3000001 bytes",
    `SHA-256 ${sha256(file)}`,
  ]);
});

test("shows server-sent events as they come, until told to stop", async () => {
  await page.goto(home);
  await page.click("#listen");
  await page.waitForSelector("#ticks li:nth-child(3)");
  const ticks = await page.locator("#ticks li").allTextContents();
  expect(ticks[0]).toMatch(/^tick 1 at \d\d:\d\d:\d\d UTC$/);
  expect(ticks[1]).toMatch(/^tick 2 at \d\d:\d\d:\d\d UTC$/);

  await page.click("#listen");
  expect(await page.textContent("#listen")).toBe("Listen");
});

test("counts visits in a cookie until told to forget", async () => {
  await page.goto(home);
  expect(await page.textContent("#visits")).toBe("1");
  await page.reload();
  expect(await page.textContent("#visits")).toBe("2");

  await page.click("#forget button");
  await expect.poll(() => page.textContent("#visits"), WAIT).toBe("1");
  expect(page.url()).toBe(home);
});

test("follows the redirect back to the page", async () => {
  await page.goto(home);
  const [redirect] = await Promise.all([
    page.waitForResponse(`${home}redirect`),
    page.click("text=A redirect"),
  ]);
  expect(redirect.status()).toBe(303);
  await expect.poll(() => page.textContent("#visits"), WAIT).toBe("2");
  expect(page.url()).toBe(home);
});

test("answers an error with 500, its words only in the log", async () => {
  await page.goto(home);
  const [response] = await Promise.all([
    page.waitForResponse(`${home}error`),
    page.click("text=An error"),
  ]);
  expect(response.status()).toBe(500);
  await page.waitForURL(`${home}error`);
  expect(await page.textContent("body")).not.toContain("on purpose");
  expect(complaints.splice(0)).toEqual([expect.stringContaining("500")]);
  expect(logged.splice(0)).toEqual([expect.stringContaining("thrown on purpose by /error")]);
});

test("answers an unknown path with 404", async () => {
  await page.goto(home);
  await page.click("text=A page that is not there");
  await page.waitForURL(`${home}nowhere`);
  expect(await page.textContent("body")).toContain("There is no such page.");
  expect(complaints.splice(0)).toEqual([expect.stringContaining("404")]);
});

test("delivers all of the 10 MiB download", async () => {
  await page.goto(home);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.click("text=A download"),
  ]);
  expect(download.suggestedFilename()).toBe("ten-megabytes.bin");
  const bytes = await readFile(await download.path());
  const expected = Buffer.concat(Array.from({ length: 160 }, (_, n) => Buffer.alloc(65_536, n)));
  expect(bytes.equals(expected)).toBe(true);
});

test("fits a phone, whatever the request holds", async () => {
  await page.setViewportSize(PHONE);
  await page.goto(`${home}?${"wide".repeat(500)}`);
  await page.click("#listen");
  await page.waitForSelector("#ticks li");
  await page.setInputFiles("#file", {
    name: `${"long".repeat(50)}.txt`,
    mimeType: "text/plain",
    buffer: Buffer.from("x"),
  });
  await page.click("#upload button");
  await page.waitForSelector("#upload output:has-text('SHA-256')");
  expect(await width()).toBeLessThanOrEqual(PHONE.width);

  await page.fill("#message", "wide".repeat(500));
  await page.click("#text button");
  await page.waitForSelector("#arrived");
  expect(await width()).toBeLessThanOrEqual(PHONE.width);
});

test("works the same under a mount", async () => {
  await page.goto(mountedHome);
  expect(await value("SCRIPT_NAME")).toBe("/some where/ö");
  expect(await value("PATH_INFO")).toBe("/");
  await page.fill("#message", "under a mount");
  await page.click("#text button");
  expect(await page.textContent("#arrived")).toBe("under a mount");

  await page.click("text=Back");
  await page.waitForURL(mountedHome);
  expect(await page.textContent("#visits")).toBe("2");
  await page.click("#forget button");
  await expect.poll(() => page.textContent("#visits"), WAIT).toBe("1");
  await page.click("text=A redirect");
  await expect.poll(() => page.textContent("#visits"), WAIT).toBe("2");
  expect(page.url()).toBe(mountedHome);

  await page.click("#listen");
  await page.waitForSelector("#ticks li");
  await page.setInputFiles("#file", { name: "a", mimeType: "", buffer: Buffer.from("abc") });
  await page.click("#upload button");
  await page.waitForSelector(`#upload output:has-text('${sha256(Buffer.from("abc"))}')`);
});

/** Runs the example, or what `changes` make of it, in workerd. */
async function serve(changes: BuildOptions): Promise<Miniflare> {
  const project = readProject(join(ROOT, "wrangler.toml"));
  const bundle = await build({ ...bundling(project), ...changes, write: false });
  const server = new Miniflare({
    ...serving(project, bundle, 0),
    handleStructuredLogs: ({ message }: WorkerdStructuredLog) => {
      logged.push(message);
    },
  });
  await server.ready;
  return server;
}

/** The value a row of the environ table shows. */
async function value(key: string): Promise<string | null> {
  return page.textContent(`tr:has(th:text-is("${key}")) td`);
}

// A string: `document` is nothing the types of this program know.
async function width(): Promise<number> {
  return Number(await page.evaluate("document.documentElement.scrollWidth"));
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
