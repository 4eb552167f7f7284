import { fromPython } from "dram/from/python";
import { client } from "dram/test";
import { describe, expect, test } from "vitest";
import { apps } from "./apps.ts";

// Each starts more than one.
describe("a Python that breaks down", { timeout: 60_000 }, () => {
  test.each(["fault", "exit"])("by %s is replaced for the next request", async (way) => {
    const { get, log } = client(fromPython({ app: "ends:app", site: [apps] }), {
      onError: "respond",
    });
    expect((await get(`/${way}`)).status).toBe(500);
    expect(log).toEqual([
      expect.stringContaining(
        "ERR_PYTHON: Python has broken down; the next request starts another",
      ),
    ]);
    expect(await (await get("/")).text()).toBe("Hello from Python");
  });

  test("takes with it what was waiting in it", async () => {
    const python = fromPython({ app: "ends:app", site: [apps], concurrency: "interleave" });
    await python.ready();
    const { get, post } = client(python, { onError: "respond" });
    const body = new ReadableStream<Uint8Array>();
    const waits = post("/waits", { body, duplex: "half" });
    expect((await get("/fault")).status).toBe(500);
    expect((await waits).status).toBe(500);
  });
});
