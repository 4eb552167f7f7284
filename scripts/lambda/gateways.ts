import { alb, albMulti } from "./alb.ts";
import { edge } from "./edge.ts";
import type { Gateway } from "./gateway.ts";
import { http } from "./http.ts";
import { lattice } from "./lattice.ts";
import { rest, restStream } from "./rest.ts";
import { url, urlStream } from "./url.ts";

/** All there are, by their names here. */
export const gateways: Readonly<Record<string, Gateway>> = {
  url,
  "url-stream": urlStream,
  http,
  rest,
  "rest-stream": restStream,
  alb,
  "alb-multi": albMulti,
  lattice,
  edge,
};
