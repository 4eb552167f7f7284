import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { gateways } from "../../scripts/lambda/gateways.ts";
import { bootLambda, type LambdaTarget } from "../targets/lambda.ts";
import { buildPython, type PythonBuild } from "../targets/pythonbuild.ts";
import { textOf } from "../targets/target.ts";
import { send } from "../targets/workerd.ts";
import { apps } from "./apps.ts";

const HANDLER = `
  import { fromPython } from "dram/from/python";
  import { toLambdaStream } from "dram/lambda";
  import runtime from "./python/index.js";

  const application = fromPython({ app: "state:both", runtime });
  await application.ready();

  export const handler = toLambdaStream(application);
`;

let build: PythonBuild;
let lambda: LambdaTarget;

beforeAll(async () => {
  build = await buildPython(["--app", "state:both", "--site", apps]);
  const path = join(build.folder, "../handler.js");
  writeFileSync(path, HANDLER);
  const { "url-stream": gateway } = gateways;
  if (gateway === undefined) {
    throw new Error("there is no function URL that streams");
  }
  // As docs/python-build.md says.
  const bundling = { external: ["./python/index.js"] };
  const module = pathToFileURL(path);
  lambda = await bootLambda({ gateway, module, bundling, beside: [build.folder] });
}, 120_000);

afterAll(async () => {
  await lambda?.close();
  build?.remove();
});

test("a build beside the bundle of a function starts, and has nothing to warn of", async () => {
  const response = await send(lambda.port, { path: "/?name" });
  expect([response.status, await textOf(response)]).toEqual([200, "wait True True True True"]);
  expect(lambda.log).toEqual([]);
});

test("a stream of Python's leaves a function that streams before it has ended", async () => {
  const response = await send(lambda.port, { path: "/endless" });
  const chunks = response.chunks[Symbol.asyncIterator]();
  expect(Buffer.from((await chunks.next()).value).toString("latin1")).toMatch(/^(?:more)+$/);
  response.leave();
});
