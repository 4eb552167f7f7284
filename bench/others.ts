// The conformance suite against comparable servers: npm run conformance:others writes what it finds
// to docs/comparison.md.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { conform, type Outcome, type Target } from "dram/conformance";
import { http1Transport } from "dram/conformance/transport";

/** The servers, by the names of their packages. */
const PEERS = {
  hono: "@hono/node-server",
  srvx: "srvx",
  hattip: "@hattip/adapter-node",
} as const;

/**
 * Left out, because a server for Fetch handlers promises none of it: the environ itself, and what
 * the Fetch API has no word for.
 */
const LEFT_OUT = /^E|^X1[0167]$/;

const LACKS: Target["lacks"] = {
  reason: "not promised by the Fetch API",
  trailers: "not in the Fetch API",
  earlyHints: "not in the Fetch API",
  rawTarget: "a Request normalises its URL",
  getBody: "a Request to GET has no body",
  websocket: "not asked",
};

const CASE_TIMEOUT = 20_000;

const results = new Map<string, readonly Outcome[]>();
for (const [name, title] of Object.entries(PEERS)) {
  results.set(title, await ask(name));
}
writeFileSync("docs/comparison.md", document());

async function ask(name: string): Promise<readonly Outcome[]> {
  let server = await start(name);
  const target: Target = {
    name,
    get origin() {
      return server.origin;
    },
    runtime: "Node.js/",
    software: "(fetch)",
    lacks: LACKS,
    send: (request) => http1Transport(server.origin).send(request),
    connect: () => http1Transport(server.origin).connect(),
  };
  const tests: (readonly [name: string, run: () => Promise<void>])[] = [];
  const outcomes = conform(target, (test, run) => tests.push([test, run]));
  for (const [test, run] of tests) {
    if (LEFT_OUT.test(test)) {
      continue;
    }
    try {
      await Promise.race([run(), timeout()]);
    } catch (error) {
      console.log(`${name}: ${test}: ${error}`);
    }
    if (server.child.exitCode !== null) {
      console.log(`${name}: the process has ended`);
      server = await start(name);
    }
  }
  server.child.kill("SIGKILL");
  return outcomes.filter(({ id }) => !LEFT_OUT.test(id));
}

async function start(name: string): Promise<{ child: ChildProcess; origin: string }> {
  const child = spawn(process.execPath, ["--conditions=dram-source", "bench/peer.ts", name], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [origin] = await once(createInterface(child.stdout), "line");
  return { child, origin };
}

function timeout(): Promise<never> {
  return new Promise((_resolve, reject) => {
    setTimeout(() => reject(new Error(`not within ${CASE_TIMEOUT} ms`)), CASE_TIMEOUT).unref();
  });
}

function document(): string {
  const servers = [...results.keys()];
  const summary = servers.map((server) => {
    const outcomes = results.get(server) ?? [];
    const count = (result: Outcome["result"]) =>
      outcomes.filter((outcome) => outcome.result === result).length;
    return `| ${server} ${versionOf(server)} | ${count("passed")} | ${count("failed")} | ${count("not applicable")} |`;
  });
  const ids = [...new Set([...results.values()].flat().map(({ id }) => id))];
  const differing = ids.flatMap((id) => {
    const found = servers.map((server) =>
      results.get(server)?.find((outcome) => outcome.id === id),
    );
    return found.some((outcome) => outcome?.result === "failed")
      ? [`| ${id} ${found[0]?.name} | ${found.map(cell).join(" | ")} |`]
      : [];
  });
  return `# Comparable servers

The cases of dram/conformance against servers for Fetch handlers on Node ${process.versions.node}, each with
\`toFetch(application)\` of dram as its handler; dram/node runs the application itself. What is compared is
so the way between the handler and the wire.

Left out is what such a server does not promise: the environ itself (group E), interim responses,
trailers, WebSockets, native access (X10, X11, X16, X17), the reason phrase, the target before
normalisation, the body of a GET.

\`npm run conformance:others\`, ${new Date().toISOString().slice(0, 10)}.

| server | passed | failed | not applicable |
|---|---|---|---|
${summary.join("\n")}

Cases that one of them fails:

| case | ${servers.join(" | ")} |
|---|${servers.map(() => "---|").join("")}
${differing.join("\n")}
`;
}

function cell(outcome: Outcome | undefined): string {
  if (outcome?.result !== "failed") {
    return outcome?.result ?? "not run";
  }
  return `failed: ${(outcome.reason ?? "")
    .replace(/^Error: /, "")
    .replaceAll(/[|\n]/g, " ")
    .slice(0, 120)}`;
}

function versionOf(name: string): string {
  const path =
    name === "dram/node" ? "package.json" : `bench/peers/node_modules/${name}/package.json`;
  const manifest: { version: string } = JSON.parse(readFileSync(path, "utf8"));
  return manifest.version;
}
