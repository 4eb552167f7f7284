import { missingPrograms } from "./targets/installed.ts";
import { missingSites } from "./targets/pythonsite.ts";

/** Says at the end of a run what it had to leave out. Where nothing may be left out, it does not begin. */
export default function setup(): () => void {
  const missing = [missingPrograms(), missingSites()].filter((what) => what !== undefined);
  if (missing.length > 0 && process.env.CI === "true") {
    throw new Error(missing.join("\n"));
  }
  return () => {
    for (const what of missing) {
      console.error(`\n${what}`);
    }
  };
}
