import { isDisconnect } from "../../core/mod.ts";

/** A promise and the way to settle it. */
export interface Deferred<Value> {
  readonly promise: Promise<Value>;
  resolve(value: Value): void;
  reject(error: unknown): void;
}

export function defer<Value>(): Deferred<Value> {
  const { promise, resolve, reject } = Promise.withResolvers<Value>();
  return { promise, resolve, reject };
}

/** For a promise whose rejection is dealt with elsewhere. */
export function ignore(): void {}

/** The end of an application; that its client has left is no fault of its own. */
export async function quiet(task: Promise<void>): Promise<void> {
  try {
    await task;
  } catch (error) {
    if (!isDisconnect(error)) {
      throw error;
    }
  }
}
