import type { Environ, Middleware } from "dram";
import { application, conform } from "dram/conformance";
import { fetchTransport } from "dram/conformance/transport";
import { toFetch } from "dram/fetch";
import { targets } from "./targets.ts";

/**
 * A fault that gateways have had, put between the gateway and the application, and part of what
 * the case must say of it. A case that passes whatever the gateway does would prove nothing.
 */
export type Fault = readonly [id: string, fault: string, middleware: Middleware, message: string];

/** A fault of what carries responses, put between the gateway and the client. */
export type Spoil = (response: Response, method: string) => Response;

/** Runs one case in process. Rejects as the case does. */
export async function run(
  id: string,
  middleware: Middleware,
  mount = "",
  spoil: Spoil = (response) => response,
): Promise<void> {
  const facts = targets.find(({ name }) => name === "fetch");
  if (facts === undefined) {
    throw new Error('no target "fetch"');
  }
  const origin = "http://localhost:8787";
  const handle = toFetch(middleware(application), {
    errors: { write() {}, writelines() {}, flush() {} },
  });
  const handler = async (request: Request): Promise<Response> =>
    spoil(await handle(request), request.method);
  const found: (() => Promise<void>)[] = [];
  // A test may give by its middleware what the gateway lacks.
  const { nativeRequest: _, ...lacks } = facts.lacks;
  const target = { ...facts, ...fetchTransport(handler, origin), lacks, origin, mount };
  conform(target, (name, start) => {
    if (name.startsWith(`${id} `)) {
      found.push(start);
    }
  });
  const [only] = found;
  if (only === undefined) {
    throw new Error(`no case ${id}`);
  }
  await only();
}

/** Every environ with these changes. */
export function changed(change: (environ: Environ) => unknown): Middleware {
  return (inner) => (environ, startResponse) => {
    change(environ);
    return inner(environ, startResponse);
  };
}

/** Every environ with these keys. */
export function set(keys: Readonly<Record<string, unknown>>): Middleware {
  return changed((environ) => Object.assign(environ, keys));
}

/** Every environ without this key. */
export function without(key: string): Middleware {
  return changed((environ) => Reflect.deleteProperty(environ, key));
}
