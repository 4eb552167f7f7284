// What stands behind the web servers of these tests. What it prints on standard output, or in the file
// that DRAM_PRINT names, tells what has happened.

import { appendFileSync } from "node:fs";
import { type Application, encodeUtf8, json, text, trustedHops } from "dram";

const { DRAM_PRINT } = process.env;

const cases: Readonly<Record<string, Application>> = {
  "/environ"(environ, startResponse) {
    startResponse("200 OK", [["Content-Type", "application/json"]]);
    return json(
      Object.fromEntries(Object.entries(environ).filter(([, value]) => typeof value === "string")),
    );
  },

  "/forwarded": trustedHops(1, { port: true })(
    (environ, startResponse) => cases["/environ"]?.(environ, startResponse) ?? [],
  ),

  /** Ends when the client leaves; `?silent` produces nothing more until then. */
  "/download"(environ, startResponse) {
    const signal = environ["dram.signal"];
    print(`started ${process.pid}`);
    signal?.addEventListener("abort", () => print("aborted"));
    startResponse("200 OK", [["Content-Type", "application/octet-stream"]]);
    return {
      async *[Symbol.asyncIterator]() {
        yield encodeUtf8("first");
        while (!signal?.aborted) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          if (environ.QUERY_STRING !== "silent") {
            yield new Uint8Array(10_000);
          }
        }
      },
      close: () => print("closed"),
    };
  },

  "/throws"() {
    throw new Error("on purpose");
  },

  "/logs"(environ, startResponse) {
    environ["wsgi.errors"].write("a line of the application\n");
    startResponse("200 OK", []);
    return text("logged");
  },
};

export const application: Application = (environ, startResponse) => {
  const found = cases[environ.PATH_INFO];
  if (found === undefined) {
    startResponse("404 Not Found", []);
    return text(`no case ${environ.PATH_INFO}`);
  }
  return found(environ, startResponse);
};

function print(line: string): void {
  if (DRAM_PRINT === undefined) {
    console.log(line);
  } else {
    appendFileSync(DRAM_PRINT, `${line}\n`);
  }
}
