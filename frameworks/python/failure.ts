import { DramError } from "../../core/mod.ts";
import type { Raised } from "./runtime.ts";

/** An exception of Python's; `stack` is its traceback. */
export class PythonException extends Error {
  /** It is what the gateway itself has told Python: the gateway's own error says it better. */
  readonly isTransport: boolean;

  constructor(type: string, message: string, traceback: string, isTransport: boolean) {
    super(message);
    this.name = type;
    this.stack = traceback.trimEnd();
    this.isTransport = isTransport;
  }
}

/**
 * The result of a call of host.py.
 *
 * @throws {PythonException} If it is what was raised.
 */
export function resultOf<Result>(result: Result | Raised): Result {
  if (isRaised(result)) {
    const [, type, message, traceback, isTransport] = result;
    throw new PythonException(type, message, traceback, isTransport);
  }
  return result;
}

/**
 * The same for the import of the application.
 *
 * @throws {DramError} `ERR_PYTHON`.
 */
export function checkResult(result: undefined | Raised): void {
  try {
    resultOf(result);
  } catch (cause) {
    throw new DramError("ERR_PYTHON", "the application cannot be imported", { cause });
  }
}

function isRaised(result: unknown): result is Raised {
  return Array.isArray(result) && result.length === 5 && result[0] === undefined;
}
