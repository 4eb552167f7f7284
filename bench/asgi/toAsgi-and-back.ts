import type { Application } from "dram";
import { fromAsgi, toAsgi } from "dram/asgi";
import { application as plain } from "./application.ts";

export const application: Application = fromAsgi(toAsgi(plain));
