import type { Environ } from "../../core/mod.ts";

/** The part of a Worker's execution context that every platform has. */
export interface ExecutionContext {
  /** `dram.wait_until`: keeps the platform running until the promise settles. */
  waitUntil(promise: Promise<unknown>): void;
  /** Does nothing where there is no origin behind the handler to pass a request on to. */
  passThroughOnException(): void;
  /** Of the Worker itself (`ctx.props`); elsewhere an empty object. */
  readonly props: unknown;
}

/**
 * What a handler gets after the request on the platform itself: its environment, with `environ` beside
 * it, and the execution context. In Hono `c.env` and `c.executionCtx`.
 *
 * On Workers the bindings and `ctx` itself; on Lambda `event`, `requestContext` and `lambdaContext`, on
 * Node `incoming` and `outgoing`, on Deno `remoteAddr` and `completed`, as Hono's own adapters name
 * them, so that its `getConnInfo` finds what it looks for.
 */
export function platformArguments(
  environ: Environ,
): [env: Record<string, unknown>, context: ExecutionContext] {
  return [{ ...platformEnv(environ), environ }, contextOf(environ)];
}

function platformEnv(environ: Environ): object | undefined {
  const bindings = environ["workers.env"];
  if (isObject(bindings)) {
    return bindings;
  }
  const event = environ["aws.event"];
  if (isObject(event)) {
    const { requestContext } = event;
    return { event, requestContext, lambdaContext: environ["aws.context"] };
  }
  const info = environ["deno.info"];
  if (isObject(info)) {
    // Getters of a prototype, which a spread would lose.
    return { remoteAddr: info.remoteAddr, completed: info.completed };
  }
  const incoming = environ["node.request"];
  return isObject(incoming) ? { incoming, outgoing: environ["node.response"] } : undefined;
}

function contextOf(environ: Environ): ExecutionContext {
  const context = environ["workers.ctx"];
  return isContext(context)
    ? context
    : {
        waitUntil: (promise) => environ["dram.wait_until"]?.(promise),
        passThroughOnException() {},
        props: {},
      };
}

function isContext(value: unknown): value is ExecutionContext {
  return isObject(value) && typeof value.waitUntil === "function";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
