import { serveFastcgi } from "dram/fastcgi";
import { application } from "./application.ts";

await serveFastcgi(application);
