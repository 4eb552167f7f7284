import { type Browser, chromium, type Page } from "playwright-core";
import { pathOf } from "../targets/installed.ts";

/** A browser that asks nobody but who it is told to. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: pathOf("chromium"),
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-dev-shm-usage",
    ],
  });
}

/** A page in a context of its own, and what the browser complains about in it. */
export async function openPage(browser: Browser): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext();
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // Chromium asks for an icon of its own accord where a page names none, as plain text cannot.
    const icon = message.location().url.endsWith("/favicon.ico");
    if (["error", "warning"].includes(message.type()) && !icon) {
      complaints.push(message.text());
    }
  });
  return { page, complaints };
}
