import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

// So large that nothing is scavenged before it is asked for.
const YOUNG = ["--min-semi-space-size=64", "--max-semi-space-size=64"];

test.each(["application", "listener"])(
  "an exchange of the %s does not outlive a scavenge",
  (which) => {
    const program = fileURLToPath(new URL("kept.ts", import.meta.url));
    const flags = ["--conditions=dram-source", "--expose-gc", ...YOUNG];
    const kept = execFileSync(process.execPath, [...flags, program, which], { encoding: "utf8" });
    // Bytes. One object of those that hang together would keep several thousand.
    expect(Number(kept)).toBeLessThan(2000);
  },
);
