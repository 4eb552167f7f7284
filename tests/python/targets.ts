import type { PythonOptions } from "dram/from/python";
import { bootDeno } from "../targets/deno.ts";
import { bootNode } from "../targets/node.ts";
import type { Target } from "../targets/target.ts";

/** Takes from Node 24 what Node 22 has not got. V8 has a flag, which does not. */
const WITHOUT_JSPI =
  "--import=data:text/javascript,delete WebAssembly.Suspending;delete WebAssembly.promising";

/** A server on a port. */
export type Served = Target & { readonly port: number };

/**
 * Where a Python runs: each way in which WebAssembly can, or cannot, wait for JavaScript; and what
 * wsgi.input is there.
 */
export const PLACES: readonly [
  place: string,
  boot: (options?: Partial<PythonOptions>) => Promise<Served>,
  input: "BufferedReader" | "BytesIO",
][] = [
  ["node", (options) => bootNode({ module: serving(options) }), "BufferedReader"],
  [
    "node without JSPI",
    (options) => bootNode({ module: serving(options), flags: [WITHOUT_JSPI] }),
    "BytesIO",
  ],
  [
    "deno",
    (options) => bootDeno({ module: serving(options), flags: ["--allow-env"] }),
    "BufferedReader",
  ],
  [
    "a process of node's",
    (options) => bootNode({ module: serving(options, "process/serving.ts") }),
    "BufferedReader",
  ],
  [
    "a process of deno's",
    (options) =>
      bootDeno({
        module: serving(options, "process/serving.ts"),
        flags: ["--allow-env", "--allow-run"],
      }),
    "BufferedReader",
  ],
];

/** The URL of a module whose application is the tests' own, with these options. */
export function serving(options: Partial<PythonOptions> = {}, file = "serving.ts"): string {
  const module = new URL(file, import.meta.url);
  module.searchParams.set("options", JSON.stringify(options));
  return module.href;
}
