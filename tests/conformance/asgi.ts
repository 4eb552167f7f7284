// The suite as an ASGI application, which a Node server of its own is to serve.

import { fromAsgi, toAsgi } from "dram/asgi";
import { application as suite, websocket } from "dram/conformance";

export const application = fromAsgi(toAsgi(suite, { websocket }));
