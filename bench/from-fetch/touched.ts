import type { Application } from "dram";
import { toFetch } from "dram/fetch";
import { fromFetch } from "dram/from/fetch";
import type { Way } from "./driver.ts";

export const way: Way = (handler) => toFetch(touched(fromFetch(handler)));

/** As a middleware that changes the request and the response: nothing native can be handed through. */
function touched(application: Application): Application {
  return (environ, startResponse) =>
    application({ ...environ, HTTP_X_TOUCHED: "1" }, (status, headers, error) =>
      startResponse(status, [...headers, ["X-Touched", "1"]], error),
    );
}
