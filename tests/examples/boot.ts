import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { gateways } from "../../scripts/lambda/gateways.ts";
import { DENO, DENO_ENV } from "../targets/deno.ts";
import { bootLambda } from "../targets/lambda.ts";
import { bootWorkerd } from "../targets/workerd.ts";

/** An example that runs. */
export interface Running {
  /** Without a path. */
  readonly url: string;
  /** What clients call it, where that is not the host of `url`. */
  readonly host: string | undefined;
  close(): Promise<unknown>;
}

/** The entries of an example, each on its platform. */
export function entriesOf(
  example: string,
  gateway: "http" | "url-stream",
): [platform: string, boot: () => Promise<Running>][] {
  const folder = `../../examples/${example}`;
  return [
    ["workerd", () => onWorkerd(`${folder}/worker.ts`)],
    ["node", () => onNode(`${folder}/node.ts`)],
    ["deno", () => onDeno(`${folder}/deno.ts`)],
    ["lambda", () => onLambda(`${folder}/lambda.ts`, gateway)],
  ];
}

/** @param worker From the folder of this file. */
export async function onWorkerd(worker: string): Promise<Running> {
  const { port, close } = await bootWorkerd({}, worker);
  return { url: `http://127.0.0.1:${port}`, host: undefined, close };
}

/** A module that serves on PORT and says where, as a user starts it. */
export function onNode(module: string): Promise<Running> {
  const parameters = ["--conditions=dram-source", pathOf(module)];
  return start(process.execPath, parameters, { ...process.env, PORT: "0" });
}

/** A module that serves on the port it is given, and says where. */
export function onDeno(module: string, ...permissions: string[]): Promise<Running> {
  return start(DENO, ["run", "--allow-net", ...permissions, pathOf(module), "0"], DENO_ENV);
}

function pathOf(module: string): string {
  return fileURLToPath(new URL(module, import.meta.url));
}

async function start(
  command: string,
  parameters: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Running> {
  const child = spawn(command, parameters, { env, stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const [url] = /http:\/\/\S+/.exec(line) ?? [];
  if (url === undefined) {
    throw new Error(`${parameters.join(" ")} said ${line}`);
  }
  return {
    url,
    host: undefined,
    close: () => {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      return ended;
    },
  };
}

async function onLambda(module: string, name: "http" | "url-stream"): Promise<Running> {
  const { [name]: gateway } = gateways;
  if (gateway === undefined) {
    throw new Error(`no gateway is called ${name}`);
  }
  const target = await bootLambda({ gateway, module: new URL(module, import.meta.url) });
  return {
    url: `http://127.0.0.1:${target.port}`,
    host: gateway.domain,
    close: () => target.close(),
  };
}
