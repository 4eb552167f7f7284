import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sourceId } from "../../frameworks/python/mod.ts";
import { parseCommandLine } from "./commandline.ts";
import { compileLibrary, compileSite, prepareCompiler } from "./compile.ts";
import { emitManifest, emitRuntime, emitWorker } from "./emit.ts";
import { finishFolder, prepareFolder } from "./folder.ts";
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
  const { work, hasLibrary } = prepareFolder(out, pyodide.version);
  const library = join(work, "stdlib.bin");
  const interpreter = await startPyodide(pyodide, hasLibrary ? library : undefined);
  prepareCompiler(interpreter, work);
  if (!hasLibrary) {
    progress("compiling the standard library");
    compileLibrary(interpreter);
  }
  const manifest = { pyodide: pyodide.version, lock: pyodide.lock };
  emitManifest(work, manifest);
  progress("compiling the modules of the application");
  const staged = stage(line.site);
  const site = compileSite(interpreter, staged.folders);
  staged.remove();
  emitRuntime(work, pyodide);
  for (const name of ["snapshot.bin", "written.bin"]) {
    writeFileSync(join(work, name), "");
  }
  progress(`importing ${app}`);
  const index = join(work, "index.js");
  const { stubs, snapshot } = await importApplication(index, line);
  if (line.workers) {
    emitWorker(work, pyodide, stubs);
  }
  const starts: Start[] = [{ name: "compiled", milliseconds: await measureStart(index, line) }];
  if (snapshot !== undefined) {
    writeFileSync(join(work, "snapshot.bin"), packMemory(snapshot.memory));
    writeFileSync(join(work, "written.bin"), snapshot.written);
    emitManifest(work, { ...manifest, snapshot: { app, gateway: sourceId } });
    starts.push({ name: "from the snapshot", milliseconds: await measureStart(index, line) });
  }
  finishFolder(out);
  return printBuild({ line, pyodide: pyodide.version, site, starts });
}
