// A process of its own: imports a bundle, invokes its handler once, and prints what both have taken.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [path, eventFile] = process.argv.slice(2);
const event = JSON.parse(readFileSync(eventFile, "utf8"));
const module = pathToFileURL(path).href;

const begin = performance.now();
const before = process.cpuUsage();
const { handler } = await import(module);
const imported = performance.now();
await handler(event, { awsRequestId: "request", getRemainingTimeInMillis: () => 30_000 });
const end = performance.now();
const { user, system } = process.cpuUsage(before);
process.stdout.write(
  JSON.stringify({ imported: imported - begin, whole: end - begin, cpu: user + system }),
  () => process.exit(),
);
