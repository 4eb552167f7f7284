import {
  type Application,
  type Body,
  type Environ,
  json,
  type StartResponse,
} from "../../core/mod.ts";
import { equal } from "../check.ts";
import { textOf } from "../reply.ts";
import type { Client } from "../types.ts";

/** Counts that the requests of one run leave for those after them. */
export type Memory = Record<string, number>;

const MAX_RUNS = 64;
const memories = new Map<string, Memory>();

/** An application with a memory for each run of its case; a request to `/memory` reads it. */
export function remembering(
  application: (
    environ: Environ,
    startResponse: StartResponse,
    memory: Memory,
  ) => Body | Promise<Body>,
): Application {
  return (environ, startResponse) => {
    const memory = memoryOf(environ.HTTP_X_DRAM_RUN ?? "");
    if (environ.PATH_INFO !== "/memory") {
      return application(environ, startResponse, memory);
    }
    startResponse("200 OK", [["Content-Type", "application/json"]]);
    return json(memory);
  };
}

/** What the application of this run remembers. */
export async function recall(client: Client): Promise<Memory> {
  const reply = await client.send({ path: "/memory" });
  equal(reply.status, 200, "the status of /memory");
  return JSON.parse(await textOf(reply));
}

/** One more of something. */
export function count(memory: Memory, what: string): void {
  memory[what] = (memory[what] ?? 0) + 1;
}

function memoryOf(run: string): Memory {
  const memory = memories.get(run) ?? {};
  memories.set(run, memory);
  const [oldest] = memories.keys();
  if (memories.size > MAX_RUNS && oldest !== undefined) {
    memories.delete(oldest);
  }
  return memory;
}
