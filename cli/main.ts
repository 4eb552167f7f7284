#!/usr/bin/env node
import { Failure } from "./failure.ts";
import { invoke } from "./invoke.ts";

const USAGE = `Usage: dram invoke ENTRY --event FILE [--handler NAME | --application NAME]

Invokes an entry of AWS Lambda with one saved event, and prints the environ that the event makes, and
the status, headers and body of the response. Log lines go to standard error.

  ENTRY                a module, JavaScript or TypeScript
  --event FILE         the event as JSON; - is standard input
  --handler NAME       the export to invoke; default: handler
  --application NAME   the application to serve with toLambda instead; default: application,
                       where there is no handler
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
    if (name !== "invoke") {
      throw new Failure(name === undefined ? "no command" : `no command named ${name}`, 2);
    }
    process.stdout.write(await invoke(rest));
    return 0;
  } catch (error) {
    if (!(error instanceof Failure)) {
      throw error;
    }
    process.stderr.write(`dram: ${error.message}\n${error.exitCode === 2 ? `\n${USAGE}` : ""}`);
    return error.exitCode;
  }
}
