import { connect } from "node:net";
import { Miniflare } from "miniflare";
import { bundle } from "../scripts/bundle.ts";
import { report } from "./report.ts";

const CONNECTIONS = 32;
const ROUNDS = 9;
const ROUND_MS = 1500;
const REQUEST = [
  "GET /path?query=1 HTTP/1.1",
  "Host: localhost",
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)",
  "Accept: text/html,application/xhtml+xml",
  "Accept-Encoding: gzip, deflate, br",
  "Accept-Language: en",
  "Cookie: session=0123456789abcdef",
  "",
  "",
].join("\r\n");

const names = ["bare", "dram"] as const;
const miniflare = new Miniflare({
  cf: false,
  workers: await Promise.all(
    names.map(async (name) => ({
      name,
      modules: true as const,
      script: await bundle(new URL(`./worker-${name}.ts`, import.meta.url), { minify: true }),
      compatibilityDate: "2026-07-30",
      compatibilityFlags: ["enable_request_signal"],
      // Straight to each Worker: Miniflare's own Worker in front would hide most of the difference.
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    })),
  ),
});
await miniflare.ready;

const rates = new Map<string, number[]>(names.map((name) => [name, []]));
for (let round = -1; round < ROUNDS; round++) {
  for (const name of names) {
    const { port } = await miniflare.unsafeGetDirectURL(name);
    const rate = await load(Number(port));
    // The first round warms up.
    if (round >= 0) {
      rates.get(name)?.push(rate);
    }
  }
}
report("workerd, hello, requests per second", rates, "/s", (rate, reference) => rate / reference);
await miniflare.dispose();

/** Requests per second over kept connections, each with one request under way. */
async function load(port: number): Promise<number> {
  const end = Date.now() + ROUND_MS;
  const counts = await Promise.all(Array.from({ length: CONNECTIONS }, () => drive(port, end)));
  return (counts.reduce((sum, count) => sum + count, 0) * 1000) / ROUND_MS;
}

function drive(port: number, end: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let count = 0;
    let received = "";
    const socket = connect({ host: "127.0.0.1", port, noDelay: true }, () => socket.write(REQUEST));
    socket.setEncoding("latin1");
    socket.on("error", reject);
    socket.on("data", (data: string) => {
      received += data;
      if (!received.endsWith("\r\n\r\nHello, world\n")) {
        return;
      }
      received = "";
      count++;
      if (Date.now() < end) {
        socket.write(REQUEST);
      } else {
        socket.destroy();
        resolve(count);
      }
    });
  });
}
