// Starts an example in Python on Node; what it needs is made first, if it is not there.

import { prepareExample } from "./python/examples.ts";

const name = process.argv[2] ?? "";
try {
  await prepareExample(name, (line) => console.error(line));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
await import(`../examples/${name}/node.ts`);
