import { serveCgi } from "dram/cgi";
import { application } from "./webservers-application.ts";

serveCgi(application);
