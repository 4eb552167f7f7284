import { serve } from "srvx/generic";
import { fetch as handler } from "../applications/fetch.mjs";

export const { fetch } = serve({ fetch: handler, manual: true, silent: true });
