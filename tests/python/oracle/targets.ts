import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gateways } from "../../../scripts/lambda/gateways.ts";
import { readResponse, startCgi, variablesOf } from "../../targets/cgi.ts";
import { bootDeno } from "../../targets/deno.ts";
import { bootFastcgi } from "../../targets/fastcgi.ts";
import { bootGunicorn, PYTHON } from "../../targets/gunicorn.ts";
import { isInstalled } from "../../targets/installed.ts";
import { bootLambda } from "../../targets/lambda.ts";
import { together } from "../../targets/log.ts";
import { bootNginx } from "../../targets/nginx.ts";
import { bootNode } from "../../targets/node.ts";
import { bootPythonWorker, type PythonBuild } from "../../targets/pythonbuild.ts";
import { hasSites } from "../../targets/pythonsite.ts";
import type { Target } from "../../targets/target.ts";
import { makeFolder } from "../../targets/webserver.ts";
import { send } from "../../targets/workerd.ts";
import { built } from "../built.ts";
import type { Served } from "./served.ts";

/** A gateway that serves applications of the folder apps/. */
export interface PythonTarget {
  readonly name: string;
  /** Tests of it that are worth the time that they take; default: all. */
  readonly only?: readonly string[];
  /** @param app `module:attribute` */
  boot(app: string, options?: BootOptions): Promise<Target>;
}

interface BootOptions {
  /** Folders of packages that the application needs. */
  readonly site?: readonly string[];
  readonly mount?: string;
  /** SERVER_SOFTWARE, for an application that looks at it. */
  readonly software?: string;
}

/** The applications of the oracle. */
export const APPS: string = fileURLToPath(new URL("./apps", import.meta.url));
const MODULE = new URL("./served.ts", import.meta.url);
/** Takes from Node 24 what Node 22 has not got. */
const WITHOUT_JSPI =
  "--import=data:text/javascript,delete WebAssembly.Suspending;delete WebAssembly.promising";

/** What all others are measured by. */
export const gunicorn: PythonTarget = {
  name: "gunicorn",
  boot: (app, { site = [], mount = "" } = {}) =>
    bootGunicorn({ app, site: [APPS, ...site], variables: { SCRIPT_NAME: mount } }),
};

export const node: PythonTarget = onNode("node", {});

export const nodeWithoutJspi: PythonTarget = onNode("node without JSPI", {}, [WITHOUT_JSPI]);

export const deno: PythonTarget = {
  name: "deno",
  boot: (app, options = {}) =>
    bootDeno({
      module: moduleOf(app, options),
      options: { scriptName: options.mount ?? "" },
      flags: ["--allow-env"],
    }),
};

/** As it is deployed: a bundle of modules, of what `dram python build` has written. */
export const workerd: PythonTarget = {
  name: "workerd",
  async boot(app, { site = [], mount = "" } = {}) {
    const options = JSON.stringify({ scriptName: mount });
    return bootPythonWorker(
      await build(app, site),
      { app },
      { application: `fromPython(options), ${options}` },
    );
  },
};

/** Under AWS's own runtime client, behind gateways that speak each of its formats. */
const lambdas: readonly PythonTarget[] = ["rest", "url-stream", "alb-multi"].map((name) => ({
  name: `lambda-${name}`,
  async boot(app, options = {}) {
    const gateway = gateways[name];
    if (gateway === undefined) {
      throw new Error(`no gateway is called ${name}`);
    }
    const { folder } = await build(app, options.site);
    const { port, log, close } = await bootLambda({
      gateway,
      module: new URL("./lambda.ts", import.meta.url),
      variables: {
        MOUNT: options.mount,
        STREAM: gateway.streams ? "1" : undefined,
        DRAM_SERVED: JSON.stringify(served(app, {}, { build: join(folder, "index.js") })),
      },
    });
    return {
      name,
      log,
      send: ({ headers = [], ...request }) =>
        send(port, { ...request, headers: [["Host", gateway.domain], ...headers] }),
      close,
    };
  },
}));

export const nodeProcess: PythonTarget = onNode("node, a process", { python: PYTHON });

/** Each request starts a Python: few are enough to show that it is the same one. */
const cgi: PythonTarget = {
  name: "cgi",
  only: [
    "a list of one block",
    "start_response again with exc_info, after a block",
    "write() before the body",
    "wsgi.errors",
    "a body in chunks, read in pieces, and past its end",
    "environ of a path and a query",
  ],
  async boot(app, options = {}) {
    const { folder } = await build(app, options.site);
    return onCgi("cgi", { build: join(folder, "index.js") }).boot(app, options);
  },
};

const cgiProcess: PythonTarget = onCgi("cgi, a process", { python: PYTHON });

const nginx: PythonTarget = onNginx("fastcgi", {});

const nginxProcess: PythonTarget = onNginx("fastcgi, a process", { python: PYTHON });

/** All that this machine has what they need for. */
export const TARGETS: readonly PythonTarget[] = [
  ...onlyIf(isInstalled("python3") && hasSites("gunicorn"), gunicorn),
  ...[node, nodeWithoutJspi, deno, workerd, ...lambdas, cgi],
  ...onlyIf(isInstalled("python3"), nodeProcess, cgiProcess),
  ...onlyIf(isInstalled("nginx"), nginx),
  ...onlyIf(isInstalled("python3", "nginx"), nginxProcess),
];

type Way = Pick<Served, "python" | "build">;

function onNode(name: string, way: Way, flags: readonly string[] = []): PythonTarget {
  return {
    name,
    boot: (app, options = {}) =>
      bootNode({
        module: moduleOf(app, options, way),
        options: { scriptName: options.mount ?? "" },
        flags,
      }),
  };
}

/** A program, started for each request, without a server in front: there is none that adds to it. */
function onCgi(name: string, way: Way): PythonTarget {
  return {
    name,
    async boot(app, options = {}) {
      const log: string[] = [];
      return {
        name,
        log,
        async send(request) {
          const program = startCgi({
            module: moduleOf(app, options, way),
            variables: variablesOf(request, options.mount),
          });
          const { stdin } = program.process;
          const sending = (async () => {
            for await (const piece of request.body instanceof Uint8Array
              ? [request.body]
              : (request.body ?? [])) {
              stdin?.write(piece);
            }
            stdin?.end();
          })();
          const answer = await readResponse(program);
          return {
            ...answer,
            chunks: (async function* () {
              yield* answer.chunks;
              await sending;
              const exit = await program.exit;
              log.push(...program.log);
              // It tells the server of an error that has been answered, too.
              if (exit !== 0 && answer.status !== 500) {
                throw new Error(`the program has ended with ${exit}`);
              }
            })(),
          };
        },
        async close() {},
      };
    },
  };
}

/** `serveFastcgi` behind nginx, as examples/nginx has it. */
function onNginx(name: string, way: Way): PythonTarget {
  return {
    name,
    async boot(app, options = {}) {
      const folder = await makeFolder();
      const socket = join(folder, "fastcgi.sock");
      const fastcgi = await bootFastcgi(new URL(moduleOf(app, options, way)), {
        path: socket,
        // nginx has a user of its own.
        mode: 0o666,
      });
      const front = await bootNginx("fastcgi", {
        "/run/app/fastcgi.sock": socket,
        "/hello": options.mount ?? "",
      });
      const log = together(front, fastcgi);
      return {
        name,
        get log() {
          return log();
        },
        send: (request) => send(front.port, request),
        async close() {
          await front.close();
          await fastcgi.close();
          await rm(folder, { recursive: true, force: true });
        },
      };
    },
  };
}

function onlyIf(condition: boolean, ...targets: readonly PythonTarget[]): readonly PythonTarget[] {
  return condition ? targets : [];
}

/** Any of apps/ can be served from it. */
function build(app: string, site: readonly string[] = []): Promise<PythonBuild> {
  return built({ app, site: () => [APPS, ...site], checks: [] });
}

function moduleOf(app: string, options: BootOptions, way: Way = {}): string {
  const module = new URL(MODULE);
  module.searchParams.set("served", JSON.stringify(served(app, options, way)));
  return module.href;
}

function served(app: string, { site = [], software }: BootOptions, way: Way): Served {
  return {
    // A build has its modules.
    options: { app, site: way.build === undefined ? [APPS, ...site] : [] },
    ...way,
    ...(software === undefined ? {} : { software }),
  };
}
