import {
  type Environment,
  type FunctionOptions,
  type Outcome,
  startEnvironment,
} from "./environment.ts";

/** A function that is there to be invoked. */
export interface LambdaFunction {
  invoke(event: string): Promise<Outcome>;
  /** Ends its processes, whatever they are at. */
  close(): Promise<void>;
}

/**
 * Runs a function: a process for each invocation under way, as Lambda does, each used again when it
 * is free.
 *
 * @param concurrency How many processes there may be. An invocation beyond them waits, where AWS
 *   would throttle it.
 */
export function startFunction(options: FunctionOptions, concurrency: number): LambdaFunction {
  const environments = new Set<Environment>();
  const idle = new Set<Environment>();
  const waiting: ((environment: Environment) => void)[] = [];
  let closed = false;

  function start(): Environment {
    const environment = startEnvironment(options, {
      onIdle: () => release(environment),
      onExit() {
        environments.delete(environment);
        idle.delete(environment);
        const next = closed ? undefined : waiting.shift();
        next?.(start());
      },
    });
    environments.add(environment);
    return environment;
  }

  function release(environment: Environment): void {
    const next = waiting.shift();
    if (next === undefined) {
      idle.add(environment);
    } else {
      next(environment);
    }
  }

  function acquire(): Environment | Promise<Environment> {
    for (const environment of idle) {
      idle.delete(environment);
      return environment;
    }
    return environments.size < concurrency
      ? start()
      : new Promise((resolve) => waiting.push(resolve));
  }

  return {
    async invoke(event) {
      const environment = await acquire();
      return environment.invoke(event);
    },
    async close() {
      closed = true;
      await Promise.all([...environments].map((environment) => environment.close()));
    },
  };
}
