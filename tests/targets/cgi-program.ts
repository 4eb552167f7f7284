// A CGI program of the tests: one process, one request. What it serves stands in its environment.

import type { Application } from "dram";
import { type CgiOptions, serveCgi } from "dram/cgi";

const { DRAM_MODULE = "", DRAM_OPTIONS = "{}" } = process.env;
const loaded: { application: Application } = await import(DRAM_MODULE);
const options: CgiOptions = JSON.parse(DRAM_OPTIONS);

serveCgi(loaded.application, options);
