import { execFile, spawn } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DENO, DENO_ENV, denoConfig } from "./targets/deno.ts";

const root = join(import.meta.dirname, "..");

/** A fenced block of TypeScript in a document; one that begins with `// name.ts` is for others to import. */
interface Block {
  readonly file: string;
  readonly code: string;
}

const blocks = globSync(["README.md", "docs/**/*.md"], { cwd: root }).toSorted().flatMap(blocksOf);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dram-documents-"));
  await mkdir(join(folder, "node_modules"));
  await symlink(root, join(folder, "node_modules/dram"));
  for (const name of ["@types", "@aws-lambda-powertools", "express"]) {
    await symlink(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  for (const { file, code } of blocks) {
    await mkdir(join(folder, dirname(file)), { recursive: true });
    await writeFile(join(folder, file), code);
  }
  expect(await compile("-b")).toBe("");
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test("the documents have code", () => {
  expect(blocks.length).toBeGreaterThan(0);
});

test("all code in the documents compiles", async () => {
  const config = {
    extends: join(root, "tsconfig.base.json"),
    compilerOptions: {
      types: ["node"],
      // As users see dram: by its declarations.
      customConditions: [],
      composite: false,
      isolatedDeclarations: false,
      noEmit: true,
      allowImportingTsExtensions: true,
      rewriteRelativeImportExtensions: false,
    },
    include: ["*/*.ts"],
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
  expect(await compile("-p", folder)).toBe("");
});

/** A module that only exports ends by itself; one that serves says where, and ends when it is told. */
test.each(blocks)("$file runs", async ({ file, code: source }) => {
  const child = source.includes('"dram/deno"')
    ? spawn(DENO, ["run", "--allow-net=127.0.0.1", ...denoConfig(), file], {
        cwd: folder,
        env: { ...DENO_ENV, DENO_SERVE_ADDRESS: "tcp:127.0.0.1:0" },
      })
    : spawn(process.execPath, ["--conditions=dram-source", file], {
        cwd: folder,
        env: {
          ...process.env,
          ...CGI,
          PORT: "0",
          FASTCGI_SOCKET: join(folder, "fastcgi.sock"),
          FORCE_COLOR: "0",
        },
      });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      // Once: at a second signal a server ends at once, and workers that serve each say where.
      if (!child.killed && /(?:https?|fcgi):\/\/\S+:\d+|unix:\/\S+/.test(output)) {
        child.kill("SIGTERM");
      }
    });
  }
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
});

/** One request, for a CGI program, which answers it and ends. */
const CGI = {
  GATEWAY_INTERFACE: "CGI/1.1",
  REQUEST_METHOD: "GET",
  SCRIPT_NAME: "",
  PATH_INFO: "/",
  SERVER_NAME: "localhost",
  SERVER_PORT: "80",
};

/** What the compiler has to say. */
async function compile(...parameters: string[]): Promise<string> {
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const { stdout } = await promisify(execFile)(process.execPath, [compiler, ...parameters], {
    cwd: root,
  }).catch((failure: { stdout: string }) => failure);
  return stdout;
}

function blocksOf(path: string): Block[] {
  const text = readFileSync(join(root, path), "utf8");
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ""], index) => {
    const [, name = `block-${index + 1}.ts`] = /^\/\/ (\S+\.ts)\n/.exec(code) ?? [];
    return { file: `${path.replaceAll(/[/.]/g, "-")}/${name}`, code };
  });
}
