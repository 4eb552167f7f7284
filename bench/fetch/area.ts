import type { Area } from "../run/area.ts";
import { compareInProcess } from "../run/inprocess.ts";
import { peers } from "../run/peers.ts";
import { PAGES } from "../run/servers.ts";

export const area: Area = {
  about:
    "The Fetch adapter in process, by undici's own classes: a `Request` with 10 headers is made, the handler called, the `Response` read.",
  async *measure(effort) {
    const driver = new URL("driver.ts", import.meta.url);
    const candidates = peers("fetch", ["bare", "dram", "hono", "srvx"]);
    const { text, bytes, header, headers, echo } = PAGES;
    const pages = effort.quick ? [text, headers, echo] : [text, bytes, header, headers, echo];
    const titles = pages.map(({ title }) => title);
    yield* compareInProcess(driver, candidates, [...titles, "hello, the handler alone"], effort);
  },
};
