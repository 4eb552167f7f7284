import { explain } from "../../core/mod.ts";

/** What an error of Node's says, to be part of a message of ours. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : explain(error);
}
