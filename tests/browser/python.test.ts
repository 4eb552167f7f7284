import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
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
import { pythonBuilds } from "../../scripts/lambda/bundle.ts";
import { gateways } from "../../scripts/lambda/gateways.ts";
import { prepareExample } from "../../scripts/python/examples.ts";
import { bundling, readProject, serving } from "../../scripts/worker.ts";
import { onDeno, onNode, type Running } from "../examples/boot.ts";
import { isInstalled } from "../targets/installed.ts";
import { bootLambda } from "../targets/lambda.ts";
import { hasSites } from "../targets/pythonsite.ts";
import { textOf } from "../targets/target.ts";
import { send } from "../targets/workerd.ts";
import { launch, openPage } from "./chromium.ts";

const PHONE = { width: 390, height: 844 };
const BUILD = 300_000;

const test = testAlways.runIf(isInstalled("chromium") && hasSites("flask", "django"));

let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  browser = await launch();
});

afterAll(() => browser?.close());

beforeEach(async () => {
  ({ page, complaints } = await openPage(browser));
  // A page of Django's admin is dozens of files, each by way of Python.
  page.context().setDefaultTimeout(30_000);
});

afterEach(async () => {
  await page.context().close();
  expect(complaints).toEqual([]);
});

/** The entries of an example, started as its user starts them. */
function entriesOf(example: string): [platform: string, boot: () => Promise<Running>][] {
  const folder = `../../examples/${example}`;
  return [
    ["Node", () => onNode(`${folder}/node.ts`)],
    ["Deno", () => onDeno(`${folder}/deno.ts`, "--allow-read", "--allow-env")],
    ["workerd", () => onWorkerd(join(import.meta.dirname, folder))],
  ];
}

/** As `npm start` serves it. */
async function onWorkerd(folder: string): Promise<Running> {
  const project = readProject(join(folder, "wrangler.toml"));
  const miniflare = new Miniflare(serving(project, await build(bundling(project)), 0));
  const { origin } = await miniflare.ready;
  return { url: origin, host: undefined, close: () => miniflare.dispose() };
}

/** The first page of an example's function, behind a function URL. */
async function askLambda(example: string): Promise<string> {
  const { url: gateway } = gateways;
  if (gateway === undefined) {
    throw new Error("there is no function URL");
  }
  const folder = new URL(`../../examples/${example}/`, import.meta.url);
  const { port, close } = await bootLambda({
    gateway,
    module: new URL("lambda.ts", folder),
    bundling: { plugins: [pythonBuilds] },
    timeout: 120_000,
  });
  try {
    return await textOf(await send(port, { path: "/", headers: [["Host", gateway.domain]] }));
  } finally {
    await close();
  }
}

describe("examples/flask", () => {
  beforeAll(() => prepareExample("flask", () => {}), BUILD);

  test("its function answers with the board", { timeout: BUILD }, async () => {
    expect(await askLambda("flask")).toContain("<h1>Pin something to the board</h1>");
  });

  describe.each(entriesOf("flask"))("on %s", (_platform, boot) => {
    let running: Running;

    beforeAll(async () => {
      running = await boot();
    }, BUILD);

    afterAll(() => running?.close());

    test("a note is pinned, and the board knows its author", async () => {
      await page.goto(`${running.url}/`);
      expect(await page.textContent("footer")).toMatch(/^Flask \S+ on Python \S+ \(emscripten\)/);
      await page.fill("[name=name]", "Gr\u00e4fin <b>");
      await page.fill("[name=words]", "Gr\u00fc\u00dfe & \ud83c\udf0d");
      await page.click("text=Pin the note");
      await page.waitForSelector("[role=status]:has-text('It is on the board.')");
      expect(await page.textContent(".board li:first-child")).toBe(
        "Gr\u00e4fin <b> Gr\u00fc\u00dfe & \ud83c\udf0d",
      );
      expect(await page.textContent("h1")).toBe("Welcome back, Gr\u00e4fin <b>");
      await page.click("text=Forget me");
      await page.waitForSelector("h1:has-text('Pin something')");
    });

    test("a picture is pinned, and shown", async () => {
      await page.goto(`${running.url}/`);
      await page.setInputFiles("[name=picture]", {
        name: "Punkt \u00fc.png",
        mimeType: "image/png",
        buffer: Buffer.concat([PIXEL, randomBytes(100_000)]),
      });
      await page.click("text=Pin the picture");
      const picture = page.locator("img[alt='Punkt \u00fc.png']");
      const width = await picture.evaluate(
        async (image: { decode(): Promise<void>; naturalWidth: number }) => {
          // Rejects for what is no picture, and waits for one that is on its way.
          await image.decode();
          return image.naturalWidth;
        },
      );
      expect(width).toBe(1);
    });

    test("the board fits a phone", async () => {
      await page.setViewportSize(PHONE);
      await page.goto(`${running.url}/`);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(PHONE.width);
    });
  });
});

describe("examples/django", () => {
  beforeAll(() => prepareExample("django", () => {}), BUILD);

  test("its function answers with the list", { timeout: BUILD }, async () => {
    expect(await askLambda("django")).toContain("<b>Middlemarch</b> George Eliot");
  });

  describe.each(entriesOf("django"))("on %s", (_platform, boot) => {
    let running: Running;

    beforeAll(async () => {
      running = await boot();
    }, BUILD);

    afterAll(() => running?.close());

    test("a book is added, and read", async () => {
      await page.goto(`${running.url}/`);
      expect(await page.textContent("footer")).toMatch(/^Django \S+ on Python \S+ \(emscripten\)/);
      await page.fill("[name=title]", "Les Mis\u00e9rables");
      await page.fill("[name=author]", "Victor Hugo");
      await page.click("text=Add the book");
      await page.waitForSelector("[role=status]:has-text('is on the list')");
      await page.click("li:has-text('Victor Hugo') >> text=I have read it");
      await page.waitForSelector("li.read:has-text('Victor Hugo')");
    });

    test("the admin is itself, with its styles and its scripts", async () => {
      await page.goto(`${running.url}/admin/books/book/`);
      await page.fill("[name=username]", "admin");
      await page.fill("[name=password]", "for development only");
      await page.click("[type=submit]");
      await page.waitForSelector("text=Select book to change");
      // Of admin/css/base.css, and by admin/js/actions.js.
      expect(await page.evaluate(HEADER_COLOUR)).toBe("rgb(65, 118, 144)");
      await page.click("#action-toggle");
      await page.waitForSelector(".action-counter:has-text('of')");
      expect(await page.locator("tr.selected").count()).toBeGreaterThan(2);
    });

    test("the list fits a phone", async () => {
      await page.setViewportSize(PHONE);
      await page.goto(`${running.url}/`);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(PHONE.width);
    });
  });
});

const HEADER_COLOUR = "getComputedStyle(document.querySelector('#header')).backgroundColor";

const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
