// Writes the modules of frameworks/python that hold Python, so that it is there on every platform
// without reading a file.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "../frameworks/python");

/** The text of gatewaysource.ts. */
export function pythonSource(): string {
  return `${HEAD}

/** The texts of the modules, by their paths in the repository. */
export function pythonSources(): Readonly<Record<string, string>> {
  const gateway = read("frameworks/python/gateway.py");
  const host = read("frameworks/python/host.py");
  const asgi = read("frameworks/python/asgi.py");
  const id = createHash("sha256")
    .update(gateway)
    .update(host)
    .update(asgi)
    .digest("hex")
    .slice(0, 16);
  return {
    "frameworks/python/gatewaysource.ts": `${HEAD}
/** gateway.py: a WSGI server that is driven from outside, for every transport. */
export const gatewaySource: string = ${quoted(gateway)};

/** asgi.py: the same for ASGI. */
export const asgiSource: string = ${quoted("asgi.py")};

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

/** Of all: another text has another one. */
export const sourceId: string = "${id}";
`,
    "cli/python/compilesource.ts": `${HEAD}
/** compile.py: what \`dram python build\` has a Pyodide do. */
export const compileSource: string = ${quoted(read("cli/python/compile.py"))};
`,
  };
}

/** The text of process/workersource.ts. */
export function workerSource(): string {
  return `${HEAD}
/** worker.py: serves what gateway.py drives, at the other end of a socket. */
export const workerSource: string = ${quoted("process/worker.py")};

/** asgiworker.py: the same for asgi.py. */
export const asgiWorkerSource: string = ${quoted("process/asgiworker.py")};
`;
}

const HEAD = "// Written by `npm run python:source` from the .py files beside it. Do not edit.\n";

function quoted(file: string): string {
  const text = readFileSync(join(folder, file), "utf8");
  return `\`${text.replace(/[\\`]|\$\{/g, "\\$&")}\``;
}

if (import.meta.main) {
  writeFileSync(join(folder, "gatewaysource.ts"), pythonSource());
  writeFileSync(join(folder, "process/workersource.ts"), workerSource());
}
