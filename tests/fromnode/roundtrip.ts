// What a Node server of its own is to serve: an application as a listener, and that as an application.

import { application as suite } from "dram/conformance";
import { fromNode } from "dram/from/node";
import { toNode } from "dram/node";

export const application = fromNode(toNode(suite));
