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
import { onNode, onWorkerd, type Running } from "../examples/boot.ts";
import { isInstalled } from "../targets/installed.ts";
import { launch, openPage } from "./chromium.ts";

const test = testAlways.runIf(isInstalled("chromium"));

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});

afterAll(() => browser?.close());

describe.each([
  ["workerd", () => onWorkerd("../examples/sse-worker.ts")],
  ["node", () => onNode("./sse-node.ts")],
] as const)("the page of examples/sse on %s", (_platform, boot) => {
  let running: Running;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    running = await boot();
  });

  afterAll(() => running?.close());

  beforeEach(async () => {
    ({ page, complaints } = await openPage(browser));
  });

  afterEach(async () => {
    await page.context().close();
    expect(complaints).toEqual([]);
  });

  test("shows numbers as they are drawn, the last twenty", async () => {
    await page.goto(running.url);
    await page.waitForFunction('Number(document.querySelector("#received").textContent) > 25');
    expect(await page.getAttribute("#line", "data-state")).toMatch(/^(open|broken)$/);
    expect(await page.locator("#numbers li").count()).toBe(20);
    expect(await page.textContent("#numbers li:last-child")).toMatch(/^\d{1,2}$/);
  });

  test("comes back when a response ends, and has missed nothing", async () => {
    await page.goto(running.url);
    await page.waitForFunction('Number(document.querySelector("#reconnected").textContent) >= 3');
    expect(await page.textContent("#missed")).toBe("0");
    const ids = await page
      .locator("#numbers li")
      .evaluateAll((items) => items.map((item) => Number(item.getAttribute("data-id"))));
    expect(ids.length).toBeGreaterThan(8);
    expect(ids).toEqual(ids.map((_id, index) => (ids[0] ?? 0) + index));
  });
});
