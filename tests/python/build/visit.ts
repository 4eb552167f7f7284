// Run as a process of its own, by Node or Deno: `visit.ts INDEX OPTIONS PATH...`. Visits two
// interpreters of one build at each path; prints the answers, a list for each interpreter.
import { pathToFileURL } from "node:url";
import { toFetch } from "dram/fetch";
import { fromPython } from "dram/from/python";

const [index = "", options = "{}", ...paths] = process.argv.slice(2);
const { default: runtime } = await import(pathToFileURL(index).href);
const answers = await Promise.all([visit(), visit()]);
process.stdout.write(JSON.stringify(answers), () => process.exit());

async function visit(): Promise<unknown[]> {
  const handle = toFetch(fromPython({ runtime, ...JSON.parse(options) }));
  return Promise.all(
    paths.map(async (path) => (await handle(new Request(`http://localhost${path}`))).json()),
  );
}
