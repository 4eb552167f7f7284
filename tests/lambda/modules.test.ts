import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { SOURCES } from "./helpers.ts";

/** What costs a cold start 3 to 40 ms: Fetch, node:http, web streams. */
const COSTLY = [
  "internal/deps/undici/undici",
  "_http_server",
  "internal/webstreams/readablestream",
];

const PROGRAM = `
  import { readFileSync } from "node:fs";
  import { json } from "dram";
  import { toLambda } from "dram/lambda";
  const handler = toLambda(async (environ, startResponse) => {
    const body = await environ["wsgi.input"].read();
    startResponse("200 OK", [["Content-Type", "application/json"], ["Set-Cookie", "a=1"]]);
    return json({ length: body.length });
  });
  const event = JSON.parse(readFileSync(0, "utf8"));
  const context = { awsRequestId: "1", getRemainingTimeInMillis: () => 3000 };
  const result = await handler(event, context);
  const loaded = process.moduleLoadList.map((name) => name.replace(/^\\w+ /, ""));
  console.log(JSON.stringify({ status: result.statusCode ?? result.status, loaded }));
`;

test.each(Object.entries(SOURCES))(
  "%s: a request loads none of what is costly",
  async (_name, event) => {
    const running = promisify(execFile)(
      process.execPath,
      ["--conditions=dram-source", "--input-type=module", "--eval", PROGRAM],
      { cwd: join(import.meta.dirname, "../..") },
    );
    running.child.stdin?.end(JSON.stringify(event));
    const { status, loaded }: { status: unknown; loaded: string[] } = JSON.parse(
      (await running).stdout,
    );
    expect(String(status)).toBe("200");
    expect(loaded).toContain("internal/process/promises");
    expect(loaded.filter((name) => COSTLY.includes(name))).toEqual([]);
  },
);
