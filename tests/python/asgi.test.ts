import { fromAsgi } from "dram/asgi";
import { pythonAsgi } from "dram/from/python";
import { type NodeServer, serve } from "dram/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeLog } from "../targets/log.ts";
import { hasSites, site } from "../targets/pythonsite.ts";
import { apps } from "./apps.ts";
import { checkStarlette, sendSlowly } from "./asgi.ts";

describe.runIf(hasSites("starlette"))("in a Pyodide", () => {
  const { errors, log } = makeLog();
  let server: NodeServer;

  beforeAll(async () => {
    const asgi = pythonAsgi({ app: "starletteapp:app", site: [apps, site("starlette")] });
    server = await serve(fromAsgi(asgi), { port: 0, signals: false, graceTime: 100, errors });
  });

  afterAll(() => server?.close());

  checkStarlette(() => ({ url: server.url, port: server.port ?? 0, log }));
});

describe("an ASGI application in a Pyodide", () => {
  test.each([
    ["fails in its startup", "bare:failed", "the startup of the application failed: no database"],
    ["cannot be imported", "absent:app", "No module named 'absent'"],
  ])("that %s is an error that tells why", async (_name, app, message) => {
    await expect(pythonAsgi({ app, site: [apps] }).ready()).rejects.toMatchObject({
      code: "ERR_PYTHON",
      cause: { message },
    });
  });

  test("that cancels what waits for an event loses none", async () => {
    const application = fromAsgi(pythonAsgi({ app: "bare:impatient", site: [apps] }));
    const { errors } = makeLog();
    const server = await serve(application, { port: 0, signals: false, errors });
    const answer = await sendSlowly(server.port ?? 0);
    await server.close();
    expect(answer).toBe("one two three");
  });

  test("is told of a body that is too large, which is answered 413", async () => {
    const application = fromAsgi(pythonAsgi({ app: "bare:reading", site: [apps] }));
    const { errors } = makeLog();
    const server = await serve(application, { port: 0, signals: false, errors, maxBodySize: 10 });
    const body = ReadableStream.from([new Uint8Array(20)]);
    const response = await fetch(server.url, { method: "POST", body, duplex: "half" });
    await server.close();
    expect(response.status).toBe(413);
  });
});
