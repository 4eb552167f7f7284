import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { DENO, DENO_ENV, denoConfig } from "../../tests/targets/deno.ts";
import {
  bootPythonWorker,
  buildPython,
  type PythonBuild,
} from "../../tests/targets/pythonbuild.ts";
import { site } from "../../tests/targets/pythonsite.ts";
import { bytesOf } from "../../tests/targets/target.ts";
import type { Area } from "../run/area.ts";
import { type Candidate, compare } from "../run/compare.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const script = fileURLToPath(new URL("first.ts", import.meta.url));

export const area: Area = {
  about:
    "How long a runtime takes from its start to the first response of examples/flask and examples/django (workerd: from the first request): as the packages are, compiled by `dram python build`, and from a snapshot.",
  async *measure({ starts }) {
    // What is started is dram as it is installed: compiling its sources is not what a user waits for.
    await promisify(execFile)("npm", ["run", "build", "--silent"], { cwd: root });
    for (const [name, application] of Object.entries(APPLICATIONS)) {
      const { app, folders } = application;
      const parameters = ["--app", app, ...folders.flatMap((folder) => ["--site", folder])];
      const compiled = await buildPython([...parameters, "--workers"]);
      const snapshot = await buildPython([...parameters, "--workers", "--snapshot"]);
      console.log(snapshot.output);
      const sides = Object.entries(startsOf(application, compiled, snapshot)).map(
        ([name, measure]): Candidate => ({
          name,
          round: async () => ({ value: await measure() }),
        }),
      );
      yield await compare({ title: name, unit: "ms", better: "less" }, sides, starts);
      compiled.remove();
      snapshot.remove();
    }
  },
};

interface Application {
  readonly app: string;
  readonly folders: readonly string[];
}

const APPLICATIONS: Readonly<Record<string, Application>> = {
  Flask: { app: "app:app", folders: [join(root, "examples/flask"), site("flask")] },
  Django: {
    app: "readinglist.wsgi:application",
    folders: [join(root, "examples/django"), site("django")],
  },
};

type Measure = () => Promise<number>;

/** Milliseconds by what is started. */
function startsOf(
  { app, folders }: Application,
  compiled: PythonBuild,
  snapshot: PythonBuild,
): Readonly<Record<string, Measure>> {
  const node = [process.execPath, "--no-warnings"] as const;
  const deno = [DENO, "run", "-A", "--no-check", ...denoConfig()] as const;
  const plain = JSON.stringify({ app, site: folders });
  const built = JSON.stringify({ app });
  const index = ({ folder }: PythonBuild): string => join(folder, "index.js");
  return {
    "Node, as it is": () => first(...node, script, plain),
    "Node, compiled": () => first(...node, script, built, index(compiled)),
    "Node, snapshot": () => first(...node, script, built, index(snapshot)),
    "Deno, as it is": () => first(...deno, script, plain),
    "Deno, compiled": () => first(...deno, script, built, index(compiled)),
    "Deno, snapshot": () => first(...deno, script, built, index(snapshot)),
    "workerd, comp.": () => firstOfWorker(compiled, app),
    "workerd, snaps.": () => firstOfWorker(snapshot, app),
  };
}

/** From the start of a process. */
async function first(program: string, ...parameters: string[]): Promise<number> {
  const start = performance.now();
  const env = { ...process.env, ...DENO_ENV };
  const { stdout } = await promisify(execFile)(program, parameters, { env });
  const elapsed = performance.now() - start;
  if (!stdout.startsWith("200 ")) {
    throw new Error(`the first response was ${stdout}`);
  }
  return elapsed;
}

/** From the first request: a Worker's own start is not the application's. */
async function firstOfWorker(build: PythonBuild, app: string): Promise<number> {
  const worker = await bootPythonWorker(build, { app });
  const start = performance.now();
  const response = await worker.send({ path: "/" });
  await bytesOf(response);
  const elapsed = performance.now() - start;
  await worker.close();
  if (response.status !== 200) {
    throw new Error(`the first response was ${response.status}: ${worker.log.join("\n")}`);
  }
  return elapsed;
}
