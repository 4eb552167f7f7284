import type { ErrorStream } from "dram";
import { fetchTransport } from "dram/conformance/transport";
import { toFetch } from "dram/fetch";
import { route } from "../http/router.ts";
import type { Target } from "./target.ts";

/** toFetch in this process: no server between, so nothing but dram can make a difference. */
export async function bootFetch(): Promise<Target> {
  const log: string[] = [];
  const errors: ErrorStream = {
    write: (line) => log.push(line.trimEnd()),
    writelines() {},
    flush() {},
  };
  const handle = route<[]>((application, options) => toFetch(application, { ...options, errors }));
  return {
    name: "fetch",
    log,
    ...fetchTransport(handle, "http://localhost:8787"),
    async close() {},
  };
}
