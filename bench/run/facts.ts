import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { generator } from "./load.ts";
import { peerVersions } from "./peers.ts";
import type { Facts } from "./results.ts";

/** What of the project's own devDependencies is measured or measures. */
const OWN = ["deno", "workerd", "aws-lambda-ric", "esbuild", "pyodide", "ws"];

/** What tells the version of a program of the system, which need not be there. */
const PROGRAMS: Readonly<Record<string, readonly [path: string, flag: string]>> = {
  nginx: ["/usr/sbin/nginx", "-v"],
  "Apache httpd": ["/usr/sbin/apache2", "-v"],
  Python: ["/usr/bin/python3", "--version"],
  gunicorn: ["/usr/bin/gunicorn", "--version"],
  uwsgi: ["/usr/bin/uwsgi", "--version"],
};

export function factsNow(): Facts {
  const [load = 0] = loadavg();
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    load: Math.round(load * 100) / 100,
    versions: {
      node: process.versions.node,
      ...Object.fromEntries(OWN.map((name) => [name, versionOf(name)])),
      load: generator,
      ...Object.fromEntries(
        Object.entries(PROGRAMS).flatMap(([name, [path, flag]]) => {
          const { stdout, stderr } = spawnSync(path, [flag], { encoding: "utf8" });
          const version = /\d+\.\d\S*?(?=[\s)]|$)/.exec(`${stdout}${stderr}`)?.[0];
          return version === undefined ? [] : [[name, version]];
        }),
      ),
      ...peerVersions(),
    },
  };
}

/** One paragraph, with a warning where figures will not be worth much. */
export function factsText(facts: Facts): string {
  const { cores, load } = facts;
  const busy = "WARNING: this machine is busy; wait until it is idle, or trust no figure.";
  const slow =
    "WARNING: without wrk (apt-get install wrk) the load is a process of Node, which servers outrun: their ratios come out too near to 1.";
  const lines = [
    ...[machineText(facts), `load average ${load}`],
    ...(load > cores / 2 ? [busy] : []),
    ...(facts.versions.load?.startsWith("wrk") ? [] : [slow]),
  ];
  return lines.join("\n");
}

export function machineText({ cpu, cores, versions }: Facts): string {
  const { load, ...packages } = versions;
  const list = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  return `${cores} cores of ${cpu}; load by ${load}; ${list.join(", ")}.`;
}

/** Of an installed package. */
export function versionOf(name: string): string {
  const path = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  const { version }: { version: string } = JSON.parse(readFileSync(path, "utf8"));
  return version;
}
