#!/usr/bin/env node
import { Failure } from "./failure.ts";
import { invoke } from "./invoke.ts";
import { buildPython } from "./python/build.ts";

const USAGE = `Usage: dram invoke ENTRY --event FILE [--handler NAME | --application NAME]
       dram python build --app MODULE:ATTRIBUTE --site FOLDER... [--out FOLDER] [--env NAME=VALUE...]
                         [--snapshot] [--workers]

dram invoke: invokes an entry of AWS Lambda with one saved event, and prints the environ that the event makes, and
the status, headers and body of the response. Log lines go to standard error.

  ENTRY                a module, JavaScript or TypeScript
  --event FILE         the event as JSON; - is standard input
  --handler NAME       the export to invoke; default: handler
  --application NAME   the application to serve with toLambda instead; default: application,
                       where there is no handler

dram python build: compiles an application in Python, its packages and Python's own library with
Pyodide into a folder whose index.js, and worker.js, is the option runtime of fromPython. Prints how
large it is and how long it takes to start.

  --app MODULE:ATTRIBUTE  the application, as the option app of fromPython
  --site FOLDER        of modules, as on sys.path; wheels in it are unpacked; may be repeated
  --out FOLDER         what to write; default: python
  --env NAME=VALUE     an environment variable for the import of the application; may be repeated
  --snapshot           also a snapshot of the memory after that import, for a quicker start still
  --workers            also what Cloudflare Workers need
`;

const [command, ...parameters] = process.argv.slice(2);
const exitCode = await main(command, parameters);
// What the entry holds open, such as a pool of connections, would keep the process alive.
process.stdout.write("", () => process.exit(exitCode));

async function main(name: string | undefined, rest: readonly string[]): Promise<number> {
  if (name === "--help" || name === "-h" || rest.includes("--help")) {
    process.stdout.write(USAGE);
    return 0;
  }
  try {
    process.stdout.write(await run(name, rest));
    return 0;
  } catch (error) {
    if (!(error instanceof Failure)) {
      throw error;
    }
    process.stderr.write(`dram: ${error.message}\n${error.exitCode === 2 ? `\n${USAGE}` : ""}`);
    return error.exitCode;
  }
}

function run(name: string | undefined, rest: readonly string[]): Promise<string> {
  if (name === "invoke") {
    return invoke(rest);
  }
  if (name === "python") {
    const [subcommand, ...parameters] = rest;
    if (subcommand !== "build") {
      throw new Failure(`python has one command, build; found ${subcommand ?? "none"}`, 2);
    }
    return buildPython(parameters, (line) => process.stderr.write(`dram: ${line}\n`));
  }
  throw new Failure(name === undefined ? "no command" : `no command named ${name}`, 2);
}
