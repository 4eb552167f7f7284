// What a CGI program is to serve; what it has seen is kept in a file for the next process.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { restore, snapshot } from "./application.ts";

export { application } from "./application.ts";

const { DRAM_STATE: file = "" } = process.env;

if (existsSync(file)) {
  restore(JSON.parse(readFileSync(file, "utf8")));
}
process.once("exit", () => writeFileSync(file, JSON.stringify(snapshot())));
