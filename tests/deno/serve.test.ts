import { execFile } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { ServeOptions } from "dram/deno";
import { expect, onTestFinished, test } from "vitest";
import { bootDeno, DENO, DENO_ENV, denoConfig } from "../targets/deno.ts";

const module = new URL("./environs.ts", import.meta.url).href;

test("close() waits for what is in flight, and takes guard and signals away", async () => {
  const script = fileURLToPath(new URL("./closing.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(
    DENO,
    ["run", "--allow-net=127.0.0.1", ...denoConfig(), script],
    { env: DENO_ENV },
  );
  expect(JSON.parse(stdout)).toEqual({
    before: [0, 0, 0, 0],
    during: [1, 1, 1, 1],
    after: [0, 0, 0, 0],
    refused: true,
    answer: "late",
  });
});

test.each<[options: object, message: string]>([
  [{ port: "80" }, 'option port is "80"; wanted a number from 0 (any that is free) to 65535'],
  [{ host: "" }, "option host"],
  [{ path: 1 }, "option path"],
  [{ path: "/a", port: 1 }, "options port and path are given"],
  [{ path: "/a", host: "::1" }, "options host and path are given"],
  [{ path: "/a", tls: { key: "", cert: "" } }, "options tls and path are given"],
  [{ tls: true }, "option tls"],
  [{ tls: { key: "no key", cert: "no certificate" } }, "cannot listen on 127.0.0.1:0: "],
  [{ signals: 1 }, "option signals"],
  [{ graceTime: -1 }, "option graceTime"],
  [{ scriptName: "x" }, "option scriptName"],
])("the option %j is refused", async (options, message) => {
  const boot = bootDeno({ module, options: options as ServeOptions });
  await expect(boot).rejects.toThrow(`DramError: ${message}`);
});

test("a port that is taken is told with host and port", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => {
    other.close();
  });
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  await expect(bootDeno({ module, options: { port } })).rejects.toThrow(
    `cannot listen on 127.0.0.1:${port}: Address already in use`,
  );
});
