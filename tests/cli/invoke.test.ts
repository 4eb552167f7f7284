import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { albSingle, edge, url, v1, v2 } from "../lambda/helpers.ts";

const root = join(import.meta.dirname, "../..");

const APPLICATION = `
import { type Application, text } from "dram";

export const application: Application = async (environ, startResponse) => {
  const body = await environ["wsgi.input"].read();
  environ["wsgi.errors"].write("a line\\n");
  startResponse("201 Created", [
    ["Content-Type", "text/plain; charset=utf-8"],
    ["Set-Cookie", "a=1"],
    ["Set-Cookie", "b=2"],
  ]);
  environ.PATH_INFO = "changed";
  return text(\`\${body.length} bytes\\n\`);
};
`;

const HANDLER = `
import { toLambda } from "dram/lambda";
import { application } from "./application.ts";

export const handler = toLambda(application, {
  events: { "aws:sqs": () => ({ batchItemFailures: [] }) },
});
export const other = toLambda(() => {
  throw new Error("broken");
});
export const binary = toLambda((environ, startResponse) => {
  startResponse("200 OK", [["X-A", "\\t\\x9b2J"]]);
  return [new Uint8Array([0, 255])];
});
export const empty = toLambda((environ, startResponse) => {
  startResponse("204 No Content", []);
  return [];
});
export const application2 = application;
setInterval(() => {}, 1000);
`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dram-invoke-"));
  await mkdir(join(folder, "node_modules"));
  await symlink(root, join(folder, "node_modules/dram"));
  const files: Record<string, string> = {
    "package.json": '{ "type": "module" }',
    "application.ts": APPLICATION,
    "handler.ts": HANDLER,
    "other.ts": "export const app = 5;\nexport function start(): void {}\n",
    "nothing.ts": "",
    "typescript.ts": "export enum Colour { Red }\n",
    "missing.ts": 'import "./nowhere.ts";\n',
    "throwing.ts": "export function handler(): never {\n  throw null;\n}\n",
    "bad.json": "{ version: 2 }",
    "list.json": "[]",
    "sqs.json": JSON.stringify({ Records: [{ eventSource: "aws:sqs", body: "x" }] }),
    "v2.json": `\ufeff${JSON.stringify(v2({ rawPath: "/a b", body: "hello" }))}`,
    "v1.json": JSON.stringify(v1()),
    "alb.json": JSON.stringify(albSingle()),
    "edge.json": JSON.stringify(edge()),
    "host.json": JSON.stringify(v2({ headers: { host: "a/b" } })),
    "escape.json": JSON.stringify(
      url({ headers: { host: "a.example", "x-a": "caf\u00e9 \u009b2J" } }),
    ),
  };
  await Promise.all(
    Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)),
  );
});

afterAll(() => rm(folder, { recursive: true, force: true }));

interface Run {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `dram` in the folder; `input` is its standard input. */
function dram(parameters: readonly string[], input = ""): Promise<Run> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ["--conditions=dram-source", join(root, "cli/main.ts"), ...parameters],
      { cwd: folder, env: { ...process.env, NO_COLOR: "1" } },
      (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
    child.stdin?.end(input);
  });
}

const invoke = (entry: string, event: string, ...more: string[]): Promise<Run> =>
  dram(["invoke", entry, "--event", event, ...more]);

/** What a section of the output says. */
function section({ stdout }: Run, title: string): string[] {
  const lines = stdout.split("\n");
  const start = lines.findIndex((line) => line === title || line.startsWith(`${title} (`));
  const end = lines.indexOf("", start);
  return start === -1 ? [] : lines.slice(start + 1, end);
}

test("an application's environ, status, headers and body are printed", async () => {
  const run = await invoke("application.ts", "v2.json");
  const environ = section(run, "environ");
  expect(environ).toContain("  REQUEST_METHOD = 'GET'");
  expect(environ).toContain("  PATH_INFO = '/a b'");
  expect(environ).toContain("  CONTENT_LENGTH = '5'");
  expect(environ).toContain("  wsgi.version = [ 1, 0 ]");
  expect(environ).toContain("  aws.event = [Object]");
  expect(section(run, "status")).toEqual(["  201"]);
  expect(section(run, "headers")).toEqual([
    "  content-type: text/plain; charset=utf-8",
    "  set-cookie: a=1",
    "  set-cookie: b=2",
  ]);
  expect(run.stdout).toMatch(/\nbody \(8 bytes, text\)\n5 bytes\n$/);
  expect(run.code).toBe(0);
});

test("log lines go to standard error, once", async () => {
  expect((await invoke("application.ts", "v2.json")).stderr).toBe("a line\n");
  expect((await invoke("handler.ts", "v2.json")).stderr).toBe("a line\n");
});

test("a handler is invoked itself, beside the environ that its event makes", async () => {
  const run = await invoke("handler.ts", "v2.json");
  expect(run.stdout).toMatch(/^environ \(without the options of the handler\)\n/);
  expect(section(run, "environ")).toContain("  PATH_INFO = '/a b'");
  expect(section(run, "status")).toEqual(["  201"]);
  expect(run.stdout).toMatch(/\n5 bytes\n$/);
});

test("the event can come from standard input", async () => {
  const run = await dram(["invoke", "handler.ts", "-e", "-"], JSON.stringify(v2()));
  expect([run.code, section(run, "status")]).toEqual([0, ["  201"]]);
});

test.each([
  ["v1.json", "  201"],
  ["alb.json", "  201 Created"],
  ["edge.json", "  201 Created"],
])("the status and cookies of %s are read from its own kind of result", async (event, status) => {
  const run = await invoke("application.ts", event);
  expect(section(run, "status")).toEqual([status]);
  expect(section(run, "headers")).toContain("  set-cookie: a=1");
});

test("another handler can be named, and another application", async () => {
  const handler = await invoke("handler.ts", "v2.json", "--handler", "empty");
  expect(handler.stdout).toMatch(/\nstatus\n {2}204\n\nheaders\n\nno body\n$/);
  const application = await invoke("handler.ts", "v2.json", "--application", "application2");
  expect(section(application, "status")).toEqual(["  201"]);
});

test.each(["v2.json", "edge.json"])(
  "%s: a body that is no text is printed as base64",
  async (event) => {
    const run = await invoke("handler.ts", event, "--handler", "binary");
    expect(run.stdout).toMatch(/\nbody \(2 bytes, base64, as it is no text\)\nAP8=\n$/);
  },
);

test("a control character of event or response does not reach the terminal", async () => {
  const run = await invoke("handler.ts", "escape.json", "--handler", "binary");
  expect(section(run, "environ")).toContain("  HTTP_X_A = 'cafÃ© Â\\x9B2J'");
  expect(section(run, "headers").join()).not.toMatch(/[\0-\x1f\x7f-\x9f]/);
});

test.each(["application.ts", "handler.ts"])(
  "%s: a request that is refused has no environ, but an answer and one line",
  async (entry) => {
    const run = await invoke(entry, "host.json");
    expect([run.code, section(run, "environ"), section(run, "status")]).toEqual([0, [], ["  400"]]);
    expect(run.stderr.match(/ERR_HOST/g)).toHaveLength(1);
  },
);

test("an application's error is a 500 and a line", async () => {
  const run = await invoke("handler.ts", "v2.json", "--handler", "other");
  expect(section(run, "status")).toEqual(["  500"]);
  expect(run.stderr).toContain("broken");
});

test("an event of another kind prints what its handler gives", async () => {
  const run = await invoke("handler.ts", "sqs.json");
  expect(run).toMatchObject({ code: 0, stdout: 'result\n{\n  "batchItemFailures": []\n}\n' });
});

const FAILURES: readonly (readonly [
  fact: string,
  parameters: readonly string[],
  code: number,
  message: string,
])[] = [
  ["no command", [], 2, "dram: no command\n"],
  ["an unknown command", ["serve"], 2, "dram: no command named serve\n"],
  ["no entry", ["invoke", "--event", "v2.json"], 2, "dram: invoke takes one ENTRY; found 0\n"],
  ["two entries", ["invoke", "a", "b", "-e", "c"], 2, "dram: invoke takes one ENTRY; found 2\n"],
  ["no event", ["invoke", "handler.ts"], 2, "dram: invoke needs --event FILE\n"],
  ["an unknown option", ["invoke", "a", "--evnt", "b"], 2, "dram: Unknown option '--evnt'"],
  [
    "both kinds of export",
    ["invoke", "a", "-e", "b", "--handler", "c", "--application", "d"],
    2,
    "dram: invoke takes either --handler or --application\n",
  ],
  [
    "an entry that is not there",
    ["invoke", "nowhere.ts", "-e", "v2.json"],
    1,
    "dram: there is no file nowhere.ts\n",
  ],
  [
    "an event that is not there",
    ["invoke", "handler.ts", "-e", "nowhere.json"],
    1,
    "dram: the event cannot be read from nowhere.json: ENOENT",
  ],
  [
    "an event that is no JSON",
    ["invoke", "handler.ts", "-e", "bad.json"],
    1,
    "dram: bad.json is not JSON: ",
  ],
  [
    "an entry with other exports",
    ["invoke", "other.ts", "-e", "v2.json"],
    1,
    "dram: other.ts exports neither handler nor application; it exports app, start (--handler or --application names another)\n",
  ],
  [
    "an entry without exports",
    ["invoke", "nothing.ts", "-e", "v2.json"],
    1,
    "dram: nothing.ts exports neither handler nor application; it exports nothing",
  ],
  [
    "an export that is not there",
    ["invoke", "handler.ts", "-e", "v2.json", "--handler", "nope"],
    1,
    "dram: handler.ts does not export nope; it exports application2, binary, empty, handler, other\n",
  ],
  [
    "an export that is no function",
    ["invoke", "other.ts", "-e", "v2.json", "--application", "app"],
    1,
    "dram: app of other.ts is of type number; wanted a function\n",
  ],
  [
    "TypeScript that is more than types",
    ["invoke", "typescript.ts", "-e", "v2.json"],
    1,
    "dram: typescript.ts cannot be loaded: file://",
  ],
  [
    "an import that is not there",
    ["invoke", "missing.ts", "-e", "v2.json"],
    1,
    "dram: missing.ts cannot be loaded: Error [ERR_MODULE_NOT_FOUND]: Cannot find module",
  ],
  [
    "an event that is no request, for an application",
    ["invoke", "application.ts", "-e", "sqs.json"],
    1,
    'dram: ERR_EVENT: the event is no HTTP request that dram knows: its Records[0].eventSource is "aws:sqs"',
  ],
  [
    "an event that is no request, for a handler",
    ["invoke", "handler.ts", "-e", "sqs.json", "--handler", "other"],
    1,
    "dram: ERR_EVENT: the event is no HTTP request",
  ],
  [
    "an event that is no object",
    ["invoke", "handler.ts", "-e", "list.json"],
    1,
    "dram: ERR_EVENT: the event is ",
  ],
  [
    "a handler that throws what is no error",
    ["invoke", "throwing.ts", "-e", "v2.json"],
    1,
    "dram: the invocation failed: null\n",
  ],
];

test.each(FAILURES)(
  "%s is told, and nothing is printed",
  async (_fact, parameters, code, message) => {
    const run = await dram(parameters);
    expect(run.stderr.slice(0, message.length)).toBe(message);
    expect([run.code, run.stdout]).toEqual([code, ""]);
  },
);

test("TypeScript that Node cannot strip is named by its place and reason", async () => {
  const { stderr } = await invoke("typescript.ts", "v2.json");
  expect(stderr).toMatch(/typescript\.ts:1\n[\s\S]*TypeScript enum is not supported/);
});

test("a wrong command line is told the right one", async () => {
  expect((await dram(["invoke"])).stderr).toContain("Usage: dram invoke ENTRY --event FILE");
});

test.each([["--help"], ["invoke", "--help"]])("%s shows how to use it", async (...parameters) => {
  const { code, stdout, stderr } = await dram(parameters);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("Usage: dram invoke ENTRY --event FILE");
});
