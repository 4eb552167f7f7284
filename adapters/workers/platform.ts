import type { Platform } from "../../core/mod.ts";
import type { FetchPlatform } from "../fetch/mod.ts";
import { extendEnviron, type WorkerNative } from "./environ.ts";
import { fromResponse, nativeResponse, textParts } from "./response.ts";

/** How requests come and responses go, in Workers and in Durable Objects. */
export const EXCHANGE: FetchPlatform<WorkerNative> = {
  nativeInput: true,
  extendEnviron,
  fromResponse,
  responseParts: textParts,
  nativeResponse,
  waitUntil: (promise, { ctx }) => ctx.waitUntil(promise),
};

/** What core has to know of Workers and of Durable Objects. */
export const PLATFORM: Platform = {
  name: "workers",
  capabilities: Object.freeze({
    streaming: true,
    reason: true,
    disconnect: true,
    trailers: false,
    earlyHints: false,
    // workerd decodes and encodes header values as UTF-8.
    latin1Headers: false,
    // workerd removes dot segments.
    rawTarget: false,
  }),
  multithread: true,
  multiprocess: true,
  runOnce: false,
  headerDecoding: "utf8",
  targetDecoding: "utf8",
  // Cloudflare's edge refuses larger bodies itself, each plan at its own size.
  maxBodySize: Number.POSITIVE_INFINITY,
};
