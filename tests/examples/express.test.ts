import { mount } from "dram";
import { toFetch } from "dram/fetch";
import { fromNode } from "dram/from/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../../examples/express/app.ts";
import { gateways } from "../../scripts/lambda/gateways.ts";
import { bootLambda } from "../targets/lambda.ts";
import { bootNode } from "../targets/node.ts";
import { onDeno } from "./boot.ts";

interface Running {
  fetch(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<unknown>;
}

const { url: functionUrl } = gateways;

/** The guest book as its entries serve it, on the platforms themselves. */
const platforms: Readonly<Record<string, () => Promise<Running>>> = {
  async node() {
    const module = new URL("../../examples/express/application.ts", import.meta.url).href;
    const server = await bootNode({ module });
    return { fetch: fetchFrom(server.url), close: () => server.close() };
  },
  async deno() {
    // What Express loads reads the environment, and the folder of its views.
    const server = await onDeno("../../examples/express/deno.ts", "--allow-env", "--allow-read");
    return { fetch: fetchFrom(server.url), close: () => server.close() };
  },
  async lambda() {
    if (functionUrl === undefined) {
      throw new Error("there is no function URL");
    }
    const server = await bootLambda({
      gateway: functionUrl,
      module: new URL("../../examples/express/lambda.ts", import.meta.url),
    });
    return { fetch: fetchFrom(`http://127.0.0.1:${server.port}`), close: () => server.close() };
  },
  async fetch() {
    const handler = toFetch(fromNode(createApp()));
    return {
      fetch: async (path, init) => handler(new Request(`http://localhost:8787${path}`, init)),
      async close() {},
    };
  },
};

function fetchFrom(origin: string): Running["fetch"] {
  return (path, init) => fetch(origin + path, { ...init, redirect: "manual" });
}

describe.each(Object.entries(platforms))("the guest book on %s", (_platform, boot) => {
  let book: Running;

  beforeAll(async () => {
    book = await boot();
  });

  afterAll(() => book?.close());

  test("shows a page", async () => {
    const response = await book.fetch("/");
    expect([response.status, response.headers.get("content-type")]).toEqual([
      200,
      "text/html; charset=utf-8",
    ]);
    expect(await response.text()).toContain("<li><b>Ada</b> The first entry.</li>");
  });

  test("takes an entry, and shows it", async () => {
    const body = new URLSearchParams({ name: "Gr\u00e4fin <b>", words: "& more" });
    const written = await book.fetch("/", { method: "POST", body });
    expect([written.status, written.headers.get("location")]).toEqual([303, "/"]);
    expect(await (await book.fetch("/")).text()).toContain(
      "<li><b>Gr\u00e4fin &#60;b&#62;</b> &#38; more</li>",
    );
  });

  test("refuses an entry without words", async () => {
    const refused = await book.fetch("/", { method: "POST", body: new URLSearchParams("name=x") });
    expect([refused.status, await refused.text()]).toEqual([
      422,
      "A name and some words, please.\n",
    ]);
  });

  test("answers that nothing has changed", async () => {
    const first = await book.fetch("/entries.json");
    const etag = first.headers.get("etag") ?? "";
    await first.text();
    // Without the latter, fetch says no-cache.
    const headers = { "If-None-Match": etag, "Cache-Control": "max-age=0" };
    const again = await book.fetch("/entries.json", { headers });
    expect([again.status, await again.text()]).toEqual([304, ""]);
  });

  test("counts", async () => {
    expect(await (await book.fetch("/count")).text()).toBe("1\n2\n3\n4\n5\n");
  });

  test("has no other page", async () => {
    expect((await book.fetch("/nowhere")).status).toBe(404);
  });
});

test("the guest book below a mount has its links there", async () => {
  const handler = toFetch(mount("/book", fromNode(createApp())));
  const page = await (await handler(new Request("http://localhost/book/"))).text();
  expect(page).toContain('<form method="post" action="/book/">');
  const body = new URLSearchParams({ name: "a", words: "b" });
  const written = await handler(new Request("http://localhost/book/", { method: "POST", body }));
  expect(written.headers.get("location")).toBe("/book/");
});
