// Writes the modules that hold Python as text, so that it is there on every platform without reading
// a file.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

/** The texts of the modules, by their paths in the repository. */
export function pythonSources(): Readonly<Record<string, string>> {
  const gateway = read("frameworks/python/gateway.py");
  const host = read("frameworks/python/host.py");
  const id = createHash("sha256").update(gateway).update(host).digest("hex").slice(0, 16);
  return {
    "frameworks/python/gatewaysource.ts": `${HEAD}
/** gateway.py: a WSGI server that is driven from outside, for every transport. */
export const gatewaySource: string = ${quoted(gateway)};

/** host.py: what a Pyodide needs beside it. */
export const hostSource: string = ${quoted(host)};

/** Of both: another text has another one. */
export const sourceId: string = "${id}";
`,
    "frameworks/python/asgisource.ts": `${HEAD}
/** asgi.py: runs an ASGI application, for every transport. */
export const asgiSource: string = ${quoted(read("frameworks/python/asgi.py"))};

/** asgihost.py: the same in a Pyodide. */
export const asgiHostSource: string = ${quoted(read("frameworks/python/asgihost.py"))};
`,
    "frameworks/python/process/workersource.ts": `${HEAD}
/** worker.py: gateway.py at the other end of a socket. */
export const workerSource: string = ${quoted(read("frameworks/python/process/worker.py"))};

/** asgiworker.py: asgi.py at the other end of a socket. */
export const asgiWorkerSource: string = ${quoted(read("frameworks/python/process/asgiworker.py"))};
`,
    "cli/python/compilesource.ts": `${HEAD}
/** compile.py: what \`dram python build\` has a Pyodide do. */
export const compileSource: string = ${quoted(read("cli/python/compile.py"))};
`,
  };
}

const HEAD = "// Written by `npm run python:source` from the .py files beside it. Do not edit.\n";

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

function quoted(text: string): string {
  return `\`${text.replace(/[\\`]|\$\{/g, "\\$&")}\``;
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(pythonSources())) {
    writeFileSync(join(root, path), text);
  }
}
