// Writes frameworks/python/gatewaysource.ts, so that the Python half is there on every platform
// without reading a file.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "../frameworks/python");

/** The text of gatewaysource.ts. */
export function pythonSource(): string {
  return `// Written by \`npm run python:source\` from the .py files beside it. Do not edit.

/** gateway.py: a WSGI server that is driven from outside, for every transport. */
export const gatewaySource: string = ${quoted("gateway.py")};

/** host.py: what a Pyodide needs beside it. */
export const hostSource: string = ${quoted("host.py")};
`;
}

function quoted(file: string): string {
  const text = readFileSync(join(folder, file), "utf8");
  return `\`${text.replace(/[\\`]|\$\{/g, "\\$&")}\``;
}

if (import.meta.main) {
  writeFileSync(join(folder, "gatewaysource.ts"), pythonSource());
}
