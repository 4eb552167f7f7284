import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { DramError } from "../../../core/mod.ts";
import type { WorkerOptions } from "./options.ts";

/**
 * What the process is started with, which even an old Python can parse. The rest comes by the socket:
 * on the command line it would be all that `ps` shows.
 */
const BOOT = `import os, struct, sys
if sys.version_info < (3, 9):
    problem = ('["RuntimeError","Python is %d.%d; wanted 3.9 or later",""]' % sys.version_info[:2]).encode()
    os.write(3, struct.pack("!cII", b"U", 0, len(problem)) + problem)
    sys.exit(1)
import json, types
start = json.loads(open(3, "rb", closefd=False).readline())
sys.path[1:1] = start["site"]
for name, source in start["modules"]:
    module = sys.modules[name] = types.ModuleType(name)
    exec(compile(source, "<" + name + ">", "exec"), module.__dict__)
module.serve(start["app"], start["threads"])
`;

/** A process, and the other end of the socket that is its descriptor 3. */
export interface Launched {
  readonly child: ChildProcess;
  readonly line: Socket;
}

/**
 * Starts Python. That there is no such program, the process tells with "error".
 *
 * @throws {DramError} `ERR_WORKER` where a process cannot be given a socket.
 */
export function launch({ python, cwd, environment, ...options }: WorkerOptions): Launched {
  const { app, threads, site, modules } = options;
  const child = spawn(python, ["-u", "-c", BOOT, app], {
    cwd,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const [, , , line] = child.stdio;
  if (!(line instanceof Socket)) {
    throw new DramError("ERR_WORKER", "this runtime gives a process no socket as descriptor 3");
  }
  line.write(`${JSON.stringify({ modules, site, app, threads })}\n`);
  return { child, line };
}
