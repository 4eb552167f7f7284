import type { Area } from "../run/area.ts";
import { compareInProcess } from "../run/inprocess.ts";
import { modules } from "../run/peers.ts";

export const area: Area = {
  about:
    "Fetch handlers as applications, in process: `toFetch(fromFetch(handler))` beside the handler itself; touched has a middleware between that adds a request and a response header, so that a `Request` is made anew.",
  measure: (effort) =>
    compareInProcess(
      new URL("driver.ts", import.meta.url),
      modules("from-fetch", ["bare", "untouched", "touched"]),
      ["a plain handler", "Hono, GET", "Hono, POST"],
      effort,
    ),
};
