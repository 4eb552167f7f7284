// Run as a process of its own: `coldstart.ts RUNTIME APP ENVIRONMENT`. Prints the milliseconds from
// the start of the process until the application could be called.
import { pathToFileURL } from "node:url";
import { fromPython } from "../../frameworks/python/mod.ts";

const [path = "", app = "", environment = "{}"] = process.argv.slice(2);
try {
  const { default: runtime } = await import(pathToFileURL(path).href);
  await fromPython({ app, runtime, environment: JSON.parse(environment) }).ready();
  process.stdout.write(`${Math.round(performance.now())}\n`, () => process.exit());
} catch (error) {
  // Uncaught, it would be shown with the line of Pyodide that threw it: a megabyte.
  console.error(error);
  process.exit(1);
}
