import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { gateways } from "../../scripts/lambda/gateways.ts";
import { bootLambda } from "../targets/lambda.ts";
import { fixture, type Json } from "./helpers.ts";

const root = join(import.meta.dirname, "../..");

/** As Lambda has it: the bundle alone in a folder, below which there are no packages. */
const PROGRAM = `
  import { readFileSync } from "node:fs";
  import * as functions from "./lambda.mjs";
  const { name, event } = JSON.parse(readFileSync(0, "utf8"));
  const context = { awsRequestId: "1", getRemainingTimeInMillis: () => 3000 };
  console.log(JSON.stringify(await functions[name](event, context)));
`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dram-bundle-"));
  await promisify(execFile)("npm", ["run", "build:lambda", "--", folder], { cwd: root });
  await writeFile(join(folder, "program.mjs"), PROGRAM);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test("the bundle is one module and its source map", async () => {
  expect((await readdir(folder)).toSorted()).toEqual([
    "lambda.mjs",
    "lambda.mjs.map",
    "program.mjs",
  ]);
});

test.each(["handler", "buffered"])("%s answers a form sent to a function URL", async (name) => {
  const event = fixture("live-redacted/functionurl-request");
  const { result } = await run(name, {
    ...event,
    rawPath: "/text",
    headers: {
      ...(event.headers as Json),
      "content-type": "application/x-www-form-urlencoded",
    },
    body: Buffer.from("text=Gr%C3%BC%C3%9Fe").toString("base64"),
    isBase64Encoded: true,
  });
  expect(result).toMatchObject({
    statusCode: 200,
    headers: { "content-type": "text/html; charset=utf-8" },
    isBase64Encoded: false,
    body: expect.stringContaining('<output id="arrived">Grüße</output>'),
  });
});

test.each([
  ["live-redacted/apigwv1-request", { multiValueHeaders: { "content-type": ["text/plain"] } }],
  ["live-redacted/apigwv2-request", { headers: { "content-type": "text/plain" } }],
  ["live-redacted/functionurl-request", { headers: { "content-type": "text/plain" } }],
  ["live-redacted/alb-request", { multiValueHeaders: { "content-type": ["text/plain"] } }],
])("%s, whose path is not there, is answered 404", async (name, headers) => {
  const { result } = await run("buffered", fixture(name));
  expect(result).toMatchObject({
    statusCode: 404,
    ...headers,
    body: "There is no such page.\n",
    isBase64Encoded: false,
  });
});

test("an upload behind a load balancer arrives byte for byte", async () => {
  const { result } = await run("buffered", {
    ...fixture("live-redacted/alb-request"),
    path: "/upload",
    multiValueQueryStringParameters: { name: ["a.bin"] },
    body: Buffer.from([0, 255, 128]).toString("base64"),
    isBase64Encoded: true,
  });
  expect(JSON.parse(String(result.body))).toEqual({
    name: "a.bin",
    size: 3,
    sha256: "f742b965f156c10374bc23aea96e3a8aff8facd6fc079defeaa30219ad86f211",
  });
});

test.each(["handler", "buffered"])(
  "%s writes what the application throws by Powertools, with its place in the sources",
  async (name) => {
    const event = fixture("live-redacted/functionurl-request");
    const context = event.requestContext as { http: Json };
    const { result, lines } = await run(name, {
      ...event,
      rawPath: "/error",
      requestContext: { ...context, http: { ...context.http, method: "GET" } },
    });
    expect(result).toMatchObject({ statusCode: 500, body: "Internal Server Error\n" });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ level: "ERROR", service: "hello", cold_start: true });
    expect(lines[0]?.message).toMatch(
      /Error: thrown on purpose by \/error .*examples\/hello\/application\.ts:49:/,
    );
  },
);

test("handler streams under AWS's own runtime client, behind a function URL", async () => {
  const gateway = gateways["url-stream"];
  if (gateway === undefined) {
    throw new Error("no gateway url-stream");
  }
  const target = await bootLambda({ gateway, module: pathToFileURL(join(folder, "lambda.mjs")) });
  onTestFinished(() => target.close());
  const origin = `http://127.0.0.1:${target.port}`;

  const page = await fetch(origin);
  expect([page.status, page.headers.get("set-cookie")?.split(";")[0]]).toEqual([200, "visits=1"]);
  expect(await page.text()).toContain("<h1>Hello from WSGI</h1>");
  // More than a buffered function may answer.
  const download = await (await fetch(`${origin}/download`)).arrayBuffer();
  expect(download.byteLength).toBe(10 * 1024 * 1024);
});

/** Invokes an export of the bundle in a process of its own. */
async function run(name: string, event: Json): Promise<{ result: Json; lines: Json[] }> {
  const running = promisify(execFile)(
    process.execPath,
    ["--enable-source-maps", join(folder, "program.mjs")],
    { cwd: folder },
  );
  running.child.stdin?.end(JSON.stringify({ name, event }));
  const { stdout, stderr } = await running;
  const parse = (output: string): Json[] =>
    output
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  const [result = {}] = parse(stdout);
  return { result, lines: parse(stderr) };
}
