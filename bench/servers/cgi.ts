import { serveCgi } from "dram/cgi";
import { application } from "./application.ts";

serveCgi(application);
