import { fromAsgi } from "dram/asgi";
import { pythonProcessAsgi } from "dram/from/python/process";
import { describe, expect, onTestFinished, test } from "vitest";
import { listening } from "../../node/helpers.ts";
import { isInstalled } from "../../targets/installed.ts";
import { makeLog } from "../../targets/log.ts";
import { hasSites, site } from "../../targets/pythonsite.ts";
import { until } from "../../targets/target.ts";
import { apps } from "../apps.ts";
import { checkStarlette, notedBy, sendSlowly } from "../asgi.ts";

const PACKAGES = { app: "starletteapp:app", site: [apps, site("starlette")] };

describe.runIf(isInstalled("python3") && hasSites("starlette"))("in worker processes", () => {
  checkStarlette(() => {
    const asgi = pythonProcessAsgi({ ...PACKAGES, errors: makeLog().errors });
    onTestFinished(() => asgi.close());
    return listening(fromAsgi(asgi));
  });

  test("a lifespan is that of the server, in each process", async () => {
    const { errors, log: printed } = makeLog();
    const asgi = pythonProcessAsgi({ ...PACKAGES, errors, workers: 2 });
    const server = await listening(fromAsgi(asgi));
    expect(await (await fetch(`${server.url}/state`)).text()).toBe("from the lifespan");
    await asgi.ready();
    await server.close();
    // The server of the tests waits 100 ms for it, at most.
    await until(() => printed.length === 2);
    expect(printed).toEqual(["shut down", "shut down"]);
  });

  test("requests do not wait for each other", async () => {
    const asgi = pythonProcessAsgi(PACKAGES);
    onTestFinished(() => asgi.close());
    const server = await listening(fromAsgi(asgi));
    const controller = new AbortController();
    const held = Array.from({ length: 20 }, () =>
      fetch(`${server.url}/wait`, { signal: controller.signal }),
    );
    expect(await (await fetch(`${server.url}/state`)).text()).toBe("from the lifespan");
    const noted: string[] = [];
    const all = (note: string) => async () => {
      noted.push(...(await notedBy(server.url)));
      return noted.filter((found) => found === note).length === 20;
    };
    await until(all("waiting"));
    controller.abort();
    await Promise.allSettled(held);
    await until(all("left"));
  });

  test("a process that dies is answered 502, and replaced", async () => {
    const { errors, log: printed } = makeLog();
    const asgi = pythonProcessAsgi({ ...PACKAGES, errors });
    onTestFinished(() => asgi.close());
    const server = await listening(fromAsgi(asgi));
    expect((await fetch(`${server.url}/die`)).status).toBe(502);
    expect(await (await fetch(`${server.url}/state`)).text()).toBe("from the lifespan");
    expect(printed[0]).toMatch(/has ended with SIGKILL; another one starts$/);
  });
});

describe.runIf(isInstalled("python3"))("an ASGI application", () => {
  test.each([
    [
      "that fails in its startup",
      "bare:failed",
      "the startup of the application failed: no database",
    ],
    ["that cannot be imported", "absent:app", "No module named 'absent'"],
  ])("%s keeps the server from serving", async (_name, app, message) => {
    const asgi = pythonProcessAsgi({ app, site: [apps], errors: makeLog().errors });
    await expect(listening(fromAsgi(asgi))).rejects.toMatchObject({
      code: "ERR_LIFESPAN",
      message: expect.stringContaining("ERR_PYTHON"),
    });
    await expect(asgi.ready()).rejects.toMatchObject({
      cause: { message: expect.stringContaining(message) },
    });
  });

  test("is told of a body that is too large, which is answered 413", async () => {
    const asgi = pythonProcessAsgi({ app: "bare:reading", site: [apps], errors: makeLog().errors });
    onTestFinished(() => asgi.close());
    const server = await listening(fromAsgi(asgi), { maxBodySize: 10 });
    const body = ReadableStream.from([new Uint8Array(20)]);
    const response = await fetch(server.url, { method: "POST", body, duplex: "half" });
    expect(response.status).toBe(413);
  });

  test("that cancels what waits for an event loses none", async () => {
    const asgi = pythonProcessAsgi({
      app: "bare:impatient",
      site: [apps],
      errors: makeLog().errors,
    });
    onTestFinished(() => asgi.close());
    expect(await sendSlowly((await listening(fromAsgi(asgi))).port)).toBe("one two three");
  });

  test("that has no lifespan is served without", async () => {
    const asgi = pythonProcessAsgi({
      app: "bare:plain",
      site: [apps],
      errors: makeLog().errors,
    });
    onTestFinished(() => asgi.close());
    const server = await listening(fromAsgi(asgi));
    expect(await (await fetch(server.url)).text()).toBe("no state");
  });
});
