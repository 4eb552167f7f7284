// The conformance suite against comparable servers: npm run conformance:others writes what it finds
// to docs/comparison.md.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { conform, type Outcome, type Register, type Target } from "dram/conformance";
import { http1Transport } from "dram/conformance/transport";
import { installPeers } from "../run/peers.ts";

/** Who is asked. Names are files of peers/node/, titles are packages. */
interface Server extends Pick<Target, "software" | "lacks"> {
  readonly name: string;
  readonly title: string;
}

/**
 * Left out, because a server for Fetch handlers promises none of it: the environ itself, and what
 * the Fetch API has no word for.
 */
const LEFT_OUT = /^E|^X1[0167]$/;

const FETCH: Pick<Target, "software" | "lacks"> = {
  software: "(fetch)",
  lacks: {
    reason: "not promised by the Fetch API",
    trailers: "not in the Fetch API",
    earlyHints: "not in the Fetch API",
    rawTarget: "a Request normalises its URL",
    dotSegments: "a Request normalises its URL",
    getBody: "a Request to GET has no body",
    framing: "the length of a Response is the server's own affair",
    websocket: "not asked",
    nativeRequest: "not asked",
  },
};

const SERVERS: readonly Server[] = [
  {
    name: "dram",
    title: "dram/node",
    software: "(node)",
    lacks: { websocket: "not asked", nativeRequest: "not asked" },
  },
  { name: "hono", title: "@hono/node-server", ...FETCH },
  { name: "srvx", title: "srvx", ...FETCH },
  { name: "hattip", title: "@hattip/adapter-node", ...FETCH },
];

const CASE_TIMEOUT = 10_000;

installPeers();
const results = new Map<string, readonly Outcome[]>();
for (const server of SERVERS) {
  results.set(server.title, await ask(server));
}
writeFileSync("docs/comparison.md", document());

async function ask({ name, software, lacks }: Server): Promise<readonly Outcome[]> {
  let server = await start(name);
  const target: Target = {
    name,
    get origin() {
      return server.origin;
    },
    runtime: "Node.js/",
    software,
    lacks,
    send: (request) => http1Transport(server.origin).send(request),
    connect: () => http1Transport(server.origin).connect(),
  };
  const outcomes: Outcome[] = [];
  const tests: (() => Promise<void>)[] = [];
  const register: Register = (test, run) => {
    const [, id = "", title = ""] = /^(\S+) (.*)$/.exec(test) ?? [];
    if (LEFT_OUT.test(id)) {
      return;
    }
    tests.push(async () => {
      try {
        await Promise.race([run(), timeout()]);
        outcomes.push({ id, name: title, result: "passed" });
      } catch (error) {
        console.log(`${name}: ${test}: ${error}`);
        outcomes.push({ id, name: title, result: "failed", reason: String(error) });
      }
    });
  };
  // Copied: the suite fills its list as the cases run, and knows of no timeout.
  const inapplicable = conform(target, register).filter(({ id }) => !LEFT_OUT.test(id));
  const [identify, ...cases] = tests;
  await identify?.();
  outcomes.length = 0;
  for (const run of cases) {
    await run();
    if (server.child.exitCode !== null) {
      console.log(`${name}: the process has ended`);
      server = await start(name);
    }
  }
  server.child.kill("SIGKILL");
  return [...outcomes, ...inapplicable];
}

async function start(name: string): Promise<{ child: ChildProcess; origin: string }> {
  const child = spawn(
    process.execPath,
    ["--conditions=dram-source", "bench/others/server.ts", name],
    {
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
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
trailers, WebSockets, native access (X10, X11, X16, X17), the reason phrase, the length of a Response,
the target before normalisation, the body of a GET.

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
    .slice(0, 90)}`;
}

function versionOf(name: string): string {
  const path =
    name === "dram/node" ? "package.json" : `bench/peers/node_modules/${name}/package.json`;
  const manifest: { version: string } = JSON.parse(readFileSync(path, "utf8"));
  return manifest.version;
}
