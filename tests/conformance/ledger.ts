import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { keepLedger } from "dram/conformance";

/** Keeps account in one file a run, in a folder that all processes of the target can write to. */
export function keepLedgerIn(folder: string): void {
  const fileOf = (run: string): string => join(folder, `${encodeURIComponent(run)}.ledger`);
  keepLedger({
    append: (run, line) => appendFileSync(fileOf(run), `${line}\n`),
    read: (run) =>
      existsSync(fileOf(run)) ? readFileSync(fileOf(run), "utf8").trimEnd().split("\n") : [],
  });
}
