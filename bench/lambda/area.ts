import type { Area } from "../run/area.ts";
import { compareAllocations, compareInProcess } from "../run/inprocess.ts";
import { peers } from "../run/peers.ts";
import { AS_TEXT } from "./driver.ts";
import { EVENTS } from "./events.ts";

const PEERS = [
  ...["bare", "dram", "serverless-http", "hono", "serverless-express", "srvx", "fastify", "hattip"],
];

export const area: Area = {
  about:
    "The Lambda adapter in process: events with 12 headers in, the result out; once as the JSON text that the runtime gets and sends, and the bytes that an invocation allocates.",
  async *measure(effort) {
    const driver = new URL("driver.ts", import.meta.url);
    const candidates = peers("lambda", PEERS);
    const all = [...Object.keys(EVENTS), AS_TEXT];
    const exchanges = effort.quick ? ["v2 hello", "v2 POST 2 kB JSON", AS_TEXT] : all;
    yield* compareInProcess(driver, candidates, exchanges, effort);
    yield await compareAllocations(driver, candidates, "v2 hello", effort);
  },
};
