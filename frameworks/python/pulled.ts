import type { Body } from "../../core/mod.ts";

/**
 * A body whose chunks are asked of Python.
 *
 * @param first The chunk that is there already, if one is.
 * @param pull The next one; `undefined` at the end.
 */
export function pulled(
  first: Uint8Array | undefined,
  pull: () => Promise<Uint8Array | undefined>,
  close: () => Promise<void>,
): Body {
  let chunk = first;
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    const value = chunk ?? (await pull());
    chunk = undefined;
    return value === undefined ? { done: true, value } : { done: false, value };
  };
  return { [Symbol.asyncIterator]: () => ({ next }), close };
}
