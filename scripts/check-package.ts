// Proves the package as npm would ship it: installed from its tarball into an empty project, every
// public entry is imported alone in a process of its own, and a consumer compiles against it.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Manifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

const CONSUMER = `
import { type Application, text } from "dram";
import { fromAsgi, toAsgi } from "dram/asgi";
import { application as suite, conform } from "dram/conformance";
import { fetchTransport } from "dram/conformance/transport";
import { type DenoServer, serve, toDeno } from "dram/deno";
import { toFetch } from "dram/fetch";
import { fromFetch } from "dram/from/fetch";
import { lint } from "dram/lint";
import { client } from "dram/test";
import { toWorker } from "dram/workers";

const application: Application = (_environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return text("packed");
};

export default toWorker(application);
toDeno(application).fetch satisfies (request: Request, info: never) => unknown;
serve satisfies (...parameters: never[]) => Promise<DenoServer>;
conform satisfies (...parameters: never[]) => unknown;
fetchTransport(toFetch(suite), "http://localhost");
const response = await toFetch(fromAsgi(toAsgi(lint(application))))(new Request("http://localhost/"));
if ((await response.text()) !== "packed") {
  throw new Error("the packed package does not answer");
}
const bridged = await client(fromFetch(toFetch(application))).get("/");
if ((await bridged.text()) !== "packed") {
  throw new Error("the packed bridge does not answer");
}
`;

const NODE_CONSUMER = `
import { createServer } from "node:http";
import { application } from "dram/conformance";
import { http1Transport } from "dram/conformance/transport";
import { fromNode } from "dram/from/node";
import { type NodeServer, serve, toNode } from "dram/node";

export const server = createServer(toNode(application));
export const serving: Promise<NodeServer> = serve(application);
export const bridged = toNode(fromNode(toNode(application)));
export const transport = http1Transport("http://localhost");
`;

const APPLICATION = `
import { type Application, text } from "dram";

export const application: Application = (_environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return text("packed");
};
`;

/** As an HTTP API sends it, and no more of it than is read. */
const EVENT = {
  version: "2.0",
  rawPath: "/packed",
  rawQueryString: "",
  headers: { host: "api.example" },
  requestContext: { domainName: "api.example", http: { method: "GET", path: "/packed" } },
};

const root = join(import.meta.dirname, "..");
const manifest: Manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const folder = mkdtempSync(join(tmpdir(), "dram-package-"));
let passed = 0;

try {
  run("npx", ["publint", "--strict"], root);
  check("publint has nothing to say");

  const [tarball] = JSON.parse(
    run("npm", ["pack", "--json", "--pack-destination", folder], root),
  ) as { filename: string; files: { path: string }[] }[];
  if (tarball === undefined) {
    throw new Error("npm pack made nothing");
  }
  const strays = tarball.files
    .map(({ path }) => path)
    .filter(
      (path) =>
        !/^(dist|core|adapters|frameworks|client|conformance|cli)\/|^(package\.json|README\.md|SPEC\.md|LICENSE|CHANGELOG\.md)$/.test(
          path,
        ),
    );
  if (strays.length > 0) {
    throw new Error(`the package holds what it should not: ${strays.join(", ")}`);
  }
  check("nothing but the library is packed");

  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  run("npm", ["install", "--offline", "--ignore-scripts", join(folder, tarball.filename)], folder);
  for (const subpath of Object.keys(manifest.exports).filter((path) => !path.endsWith(".json"))) {
    const name = `dram${subpath.slice(1)}`;
    run(
      process.execPath,
      ["--input-type=module", "-e", `await import(${JSON.stringify(name)})`],
      folder,
    );
    check(`${name} can be imported alone`);
  }

  compile("consumer.ts", CONSUMER, []);
  check("a strict consumer compiles against the shipped declarations, without any types of Node");
  compile("node.ts", NODE_CONSUMER, ["node"]);
  check("a consumer of dram/node compiles with the types of Node");
  run(process.execPath, [join(folder, "consumer.ts")], folder);
  check("the consumer runs");

  writeFileSync(join(folder, "application.ts"), APPLICATION);
  writeFileSync(join(folder, "event.json"), JSON.stringify(EVENT));
  const printed = run(
    "npx",
    ["--offline", "dram", "invoke", "application.ts", "--event", "event.json"],
    folder,
  );
  if (!printed.includes("PATH_INFO = '/packed'") || !printed.endsWith("\npacked\n")) {
    throw new Error(`npx dram invoke printed ${printed}`);
  }
  check("npx dram invokes an application");

  process.env.DRAM_INSTALLED = join(folder, "node_modules/dram");
  run("npx", ["vitest", "run", "tests/conformance.test.ts", "-t", "^(fetch|deno) at"], root);
  check("the conformance suite as it is shipped passes on the gateways as they are shipped");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`package: ${passed} passed, 0 failed`);

function check(fact: string): void {
  passed++;
  console.log(`ok ${fact}`);
}

/** Compiles a module as strictly as a consumer may. */
function compile(file: string, code: string, types: readonly string[]): void {
  writeFileSync(join(folder, file), code);
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        strict: true,
        noEmit: true,
        skipLibCheck: false,
        module: "NodeNext",
        target: "ES2024",
        lib: ["ES2024", "DOM", "DOM.Iterable"],
        types,
        typeRoots: [join(root, "node_modules/@types")],
      },
      files: [file],
    }),
  );
  run("npx", ["tsc", "-p", folder], root);
}

function run(command: string, parameters: readonly string[], cwd: string): string {
  return execFileSync(command, parameters, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
}
