import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CONDITIONS } from "../../scripts/bundle.ts";

const WORKER = `
import { closing, text } from "dram";
import { checkEnviron, lint, stressed } from "dram/lint";
import { toWorker } from "dram/workers";

const findings = [];
let shared = "";

async function application(environ, startResponse) {
  shared = environ.QUERY_STRING;
  await new Promise((resolve) => setTimeout(resolve, 1));
  const bad = environ.PATH_INFO === "/shared" ? shared : environ.PATH_INFO;
  const headers = environ.PATH_INFO === "/number" ? [["X-A", 1]] : [["Content-Type", "text/plain"]];
  startResponse("200 OK", headers);
  return closing(text(bad), () => {});
}

const linted = lint(application, { stress: true, onWarning: ({ message }) => findings.push(message) });

export default toWorker(async (environ, startResponse) => {
  if (environ.PATH_INFO === "/findings") {
    await stressed(linted).catch(() => {});
    startResponse("200 OK", [["Content-Type", "application/json"]]);
    return text(JSON.stringify(findings.splice(0)));
  }
  findings.push(...checkEnviron(environ).map(({ message }) => message));
  return linted(environ, startResponse);
});
`;

let miniflare: Miniflare;

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: WORKER, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: CONDITIONS,
  });
  miniflare = new Miniflare({
    modules: true,
    script: outputFiles[0]?.text ?? "",
    compatibilityDate: "2026-07-30",
    compatibilityFlags: ["enable_request_signal"],
    host: "127.0.0.1",
    port: 0,
    cf: false,
    handleStructuredLogs() {},
  });
  await miniflare.ready;
});

afterAll(() => miniflare?.dispose());

async function get(path: string): Promise<[status: number, body: string]> {
  const response = await miniflare.dispatchFetch(`http://localhost${path}`);
  return [response.status, await response.text()];
}

test("on workerd, a right exchange is answered, and nothing found", async () => {
  expect(await get("/path?a=1")).toEqual([200, "/path"]);
  expect(await get("/findings")).toEqual([200, "[]"]);
});

test("on workerd, an error is a 500", async () => {
  expect(await get("/number")).toEqual([500, "Internal Server Error\n"]);
});

test("on workerd, stress finds state that requests share", async () => {
  await get("/findings");
  await get("/shared?mine");
  const [, findings] = await get("/findings");
  expect(JSON.parse(findings)).toEqual([expect.stringMatching(/^A1 \(application\): /)]);
});
