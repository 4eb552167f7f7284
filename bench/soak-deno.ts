// `npm run soak:deno`: leaks of dram/deno under clients that leave in mid-download. Exits with 1 if a
// figure is missed.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { abortDownloads, settled } from "./soak-aborts.ts";

const ABORTS = 20_000;
const MIB = 1024 ** 2;

/** What a server tells of itself. */
interface State {
  readonly started: number;
  readonly closed: number;
  /** Bytes. */
  readonly rss: number;
}

// Not npm's launcher, which would not be ended with its child.
const deno = fileURLToPath(new URL("../node_modules/deno/deno", import.meta.url));
const script = fileURLToPath(new URL("./soak-deno-server.ts", import.meta.url));
const child = spawn(deno, ["run", "--allow-net=127.0.0.1", script], {
  env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" },
  stdio: ["ignore", "pipe", "inherit"],
});
try {
  const [first]: Buffer[] = await once(child.stdout, "data");
  const port = Number(first);
  const ask = async (): Promise<State> =>
    (await fetch(`http://127.0.0.1:${port}/bodies`)).json() as Promise<State>;
  const { rss: before } = await ask();
  const begin = performance.now();
  await abortDownloads(port, ABORTS);
  const { started, closed, rss } = await settled(ask);
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  const passed = started === ABORTS && closed === ABORTS;
  console.log(
    `${passed ? "pass" : "FAIL"} G2 ${ABORTS} aborted downloads in ${seconds} s: ${started} bodies started, ${closed} closed, growth ${((rss - before) / MIB).toFixed(1)} MiB`,
  );
  process.exitCode = passed ? 0 : 1;
} finally {
  child.kill("SIGKILL");
}
