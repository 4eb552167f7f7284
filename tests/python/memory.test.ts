import { fromPython } from "dram/from/python";
import { client } from "dram/test";
import { expect, test } from "vitest";
import { apps } from "./apps.ts";

test.each(["auto", "buffered"] as const)(
  "Python holds nothing of requests that have ended, with input: %s",
  async (input) => {
    const { get, post, fetch, log, close } = client(
      fromPython({ app: "memory:app", site: [apps], input }),
      { onError: "respond", lint: false },
    );

    async function some(): Promise<void> {
      for (const path of [
        "/hello",
        "/streams",
        "/writes",
        "/fails",
        "/late",
        "/log",
        "/bad_header",
      ]) {
        await (await get(path)).text();
      }
      await (await post("/read", { body: "body" })).text();
      await (await post("/read_late", { body: "body" })).text();
      await (await get("/fails_between")).text().catch(() => {});
      await (await get("/endless")).body?.cancel();
      await (await fetch("/head", { method: "HEAD" })).text();
      const leaving = new AbortController();
      const left = get("/hello", { signal: leaving.signal }).catch(() => {});
      leaving.abort();
      await left;
    }

    async function held(): Promise<[requests: number, objects: number]> {
      const found: [number, number] = JSON.parse(await (await get("/memory")).text());
      return found;
    }

    for (let count = 0; count < 10; count++) {
      await some();
    }
    const [, before] = await held();
    for (let count = 0; count < 30; count++) {
      await some();
    }
    const [requests, after] = await held();
    expect(requests).toBe(0);
    // Of 390 requests.
    expect(after - before).toBeLessThan(50);
    await close().catch(() => {});
    expect(log.length).toBeGreaterThan(0);
  },
);
