import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readResponse, startCgi, variablesOf } from "../targets/cgi.ts";
import { bytesOf, header } from "../targets/target.ts";
import type { Answer } from "./answer.ts";
import type { Input } from "./corpus.ts";
import type { HostileTarget, Running } from "./targets.ts";

type CgiEvent = Pick<Input, "env" | "stdin">;

/** A process of dram/cgi for each request. */
export const cgiTarget: HostileTarget = {
  name: "cgi",
  platforms: ["any", "cgi"],
  async boot() {
    const folder = await mkdtemp(join(tmpdir(), "dram-hostile-"));
    const log: string[] = [];
    const run = async ({ env = {}, stdin = "" }: CgiEvent): Promise<Answer> => {
      const program = startCgi({
        module: new URL("./cgi.ts", import.meta.url).href,
        variables: { ...env, DRAM_STATE: join(folder, "state") },
        common: false,
      });
      program.process.stdin?.end(stdin, "latin1");
      const response = await readResponse(program);
      const body = await bytesOf(response);
      const [length] = header(response, "content-length");
      await program.exit;
      log.push(...program.log);
      const isWhole = env.REQUEST_METHOD === "HEAD" || length === undefined;
      return {
        status: response.status,
        headers: response.headers.map(([name, value]) => [name, value]),
        body,
        complete: isWhole || body.length === Number(length),
      };
    };
    const invoke: Running["invoke"] = (event) => run(event as CgiEvent);
    return {
      log,
      invoke,
      send: (request) => run({ env: { ...SERVER, ...variablesOf(request) } }),
      close: () => rm(folder, { recursive: true }),
    };
  },
};

const SERVER = {
  GATEWAY_INTERFACE: "CGI/1.1",
  SERVER_PROTOCOL: "HTTP/1.1",
  SERVER_NAME: "localhost",
  SERVER_PORT: "80",
  HTTP_HOST: "localhost",
};
