// Run as a process of its own, by Node or Deno: prints a line when the first response is there.
import { pathToFileURL } from "node:url";
import { toFetch } from "dram/fetch";
import { fromPython } from "dram/from/python";

const [options = "{}", index = ""] = process.argv.slice(2);
const runtime = index === "" ? {} : { runtime: (await import(pathToFileURL(index).href)).default };
const handle = toFetch(fromPython({ ...JSON.parse(options), ...runtime }));
const response = await handle(new Request("http://localhost/"));
await response.arrayBuffer();
process.stdout.write(`${response.status} ${process.memoryUsage.rss()}\n`, () => process.exit());
