import { missingPrograms } from "./targets/installed.ts";

/** Says at the end of a run what it had to leave out. Where nothing may be left out, it does not begin. */
export default function setup(): () => void {
  const missing = missingPrograms();
  if (missing !== undefined && process.env.CI === "true") {
    throw new Error(missing);
  }
  return () => {
    if (missing !== undefined) {
      console.error(`\n${missing}`);
    }
  };
}
