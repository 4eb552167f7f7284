import { pathToFileURL } from "node:url";
import { gateways } from "../../scripts/lambda/gateways.ts";
import { bootDeno } from "../targets/deno.ts";
import { bootLambda } from "../targets/lambda.ts";
import { bootNode } from "../targets/node.ts";
import { bootPythonWorker } from "../targets/pythonbuild.ts";
import type { Target } from "../targets/target.ts";
import { send } from "../targets/workerd.ts";
import { built } from "./built.ts";
import type { PythonProject } from "./checks/applications.ts";
import type { Lacks } from "./checks/check.ts";
import type { Site } from "./checks/visitor.ts";

/** Where `fromPython` runs. */
export interface Platform {
  readonly lacks: Lacks;
  /** Before each path. */
  readonly mount: string;
  boot(project: PythonProject, mount: string): Promise<{ target: Target; origin: string }>;
}

/** What a process is to serve. */
export interface Served {
  readonly app: string;
  /** The URL of a build's index.js. */
  readonly build: string;
}

export const PLATFORMS: Readonly<Record<string, Platform>> = {
  node: {
    lacks: {},
    mount: "/mnt",
    async boot(project, scriptName) {
      const module = addressed(await served(project));
      const target = await bootNode({ module, options: { scriptName } });
      return { target, origin: `http://localhost:${target.port}` };
    },
  },
  deno: {
    lacks: { reason: "Deno.serve writes the reason phrase of its own" },
    mount: "",
    async boot(project, scriptName) {
      const module = addressed(await served(project));
      // Pyodide reads the environment, and Python's time zones are the system's.
      const flags = ["--allow-env", "--allow-read=/usr/share/zoneinfo"];
      const target = await bootDeno({ module, options: { scriptName }, flags });
      return { target, origin: `http://localhost:${target.port}` };
    },
  },
  workerd: {
    lacks: {
      break: "workerd 2026-07-30 ends a chunked body that breaks as if it were whole",
      "bytes in headers": "workerd decodes and encodes header values as UTF-8",
    },
    mount: "",
    async boot(project) {
      const target = await bootPythonWorker(
        await built(project),
        { app: project.app },
        // With it a password takes Node's own time to be checked, not Python's.
        { compatibilityFlags: ["enable_request_signal", "nodejs_compat"] },
      );
      return { target, origin: `http://localhost:${target.port}` };
    },
  },
  lambda: {
    lacks: {
      stream: "the result is the whole response",
      break: "the result is the whole response",
      reason: "the result has no place for it",
      "bytes in headers": "events and results are JSON, which is text",
      "chunked request": "AWS holds a request back until it is whole, and counts it",
      concurrency: "Lambda gives a process one request at a time",
    },
    mount: "",
    async boot(project) {
      const { url: gateway } = gateways;
      if (gateway === undefined) {
        throw new Error("there is no function URL");
      }
      const { port, log, close } = await bootLambda({
        gateway,
        module: new URL("./lambda.ts", import.meta.url),
        variables: { SERVED: JSON.stringify(await served(project)) },
        timeout: 120_000,
      });
      const target: Target = { name: "lambda", log, close, send: (request) => send(port, request) };
      return { target, origin: `https://${gateway.domain}` };
    },
  },
};

/** A site, served on a platform. */
export async function serveOn({ boot, mount }: Platform, project: PythonProject): Promise<Site> {
  return { ...(await boot(project, mount)), mount };
}

async function served(project: PythonProject): Promise<Served> {
  const { folder } = await built(project);
  return { app: project.app, build: pathToFileURL(`${folder}/index.js`).href };
}

function addressed(served: Served): string {
  const module = new URL("./served.ts", import.meta.url);
  module.searchParams.set("served", JSON.stringify(served));
  return module.href;
}
