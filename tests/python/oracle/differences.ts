import type { Difference } from "./answer.ts";

/** Where httpbin answers otherwise through dram than through gunicorn. */
export const DIFFERENCES: readonly Difference[] = [];
