import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sourceId } from "../../frameworks/python/mod.ts";
import { parseCommandLine } from "./commandline.ts";
import { compileLibrary, compileSite, prepareCompiler } from "./compile.ts";
import { emitManifest, emitRuntime, emitWorker } from "./emit.ts";
import { prepareFolder } from "./folder.ts";
import { importApplication } from "./importing.ts";
import { measureStart } from "./measure.ts";
import { packMemory } from "./memory.ts";
import { printBuild, type Start } from "./print.ts";
import { findPyodide, startPyodide } from "./pyodide.ts";
import { stage } from "./stage.ts";

/**
 * `dram python build`: a folder that an application in Python starts quickly from.
 *
 * @param progress Takes a line about what is being done, which may take seconds.
 * @returns What to print.
 * @throws {Failure} For whatever the user can repair.
 */
export async function buildPython(
  parameters: readonly string[],
  progress: (line: string) => void,
): Promise<string> {
  const line = parseCommandLine(parameters);
  const { app, out } = line;
  const pyodide = findPyodide();
  const hasLibrary = await prepareFolder(out, pyodide.version);
  const interpreter = await startPyodide(pyodide, hasLibrary ? join(out, "stdlib.bin") : undefined);
  prepareCompiler(interpreter, out);
  if (!hasLibrary) {
    progress("compiling the standard library");
    compileLibrary(interpreter);
  }
  progress("compiling the modules of the application");
  const staged = stage(line.site, out);
  const site = compileSite(interpreter, staged.folders);
  staged.remove();
  emitRuntime(out, pyodide);
  for (const name of ["snapshot.bin", "written.bin"]) {
    writeFileSync(join(out, name), "");
  }
  const manifest = { pyodide: pyodide.version, lock: pyodide.lock };
  emitManifest(out, manifest);
  progress(`importing ${app}`);
  const index = join(out, "index.js");
  const { stubs, snapshot } = await importApplication(index, line);
  if (line.workers) {
    emitWorker(out, pyodide, stubs);
  }
  const starts: Start[] = [{ name: "compiled", milliseconds: await measureStart(index, line) }];
  if (snapshot !== undefined) {
    writeFileSync(join(out, "snapshot.bin"), packMemory(snapshot.memory));
    writeFileSync(join(out, "written.bin"), snapshot.written);
    emitManifest(out, { ...manifest, snapshot: { app, gateway: sourceId } });
    starts.push({ name: "from the snapshot", milliseconds: await measureStart(index, line) });
  }
  return printBuild({ line, pyodide: pyodide.version, site, starts });
}
