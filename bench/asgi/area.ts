import type { Area } from "../run/area.ts";
import { compareInProcess } from "../run/inprocess.ts";
import { modules } from "../run/peers.ts";

export const area: Area = {
  about:
    "ASGI applications, in process by `toFetch`: one by `fromAsgi`, and an application by `toAsgi` and back, beside the application itself.",
  measure: (effort) =>
    compareInProcess(
      new URL("driver.ts", import.meta.url),
      modules("asgi", ["application", "fromAsgi", "toAsgi and back"]),
      ["hello"],
      effort,
    ),
};
