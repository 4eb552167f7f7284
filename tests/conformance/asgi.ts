// The suite as an ASGI application, which a Node server of its own is to serve.

import { fromAsgi, toAsgi } from "dram/asgi";
import { application as suite } from "dram/conformance";

export const application = fromAsgi(toAsgi(suite));
