import { readFileSync } from "node:fs";
import { nativeFromText } from "../../core/mod.ts";

/**
 * The environment as bytes, U+0000 to U+00FF each. Node decodes it as UTF-8 and loses what is none,
 * so that the bytes are taken from the kernel where it has them (Linux), for as long as the process
 * has not changed the variable since.
 */
export function readVariables(): [name: string, value: string][] {
  let bytes: ReadonlyMap<string, string> | undefined;
  return Object.entries(process.env).map(([name, text = ""]) => {
    if (/^[\0-\x7f]*$/.test(text)) {
      return [name, text];
    }
    bytes ??= initialEnvironment();
    const native = bytes.get(name);
    return native !== undefined && Buffer.from(native, "latin1").toString() === text
      ? [name, native]
      : [name, nativeFromText(text)];
  });
}

function initialEnvironment(): ReadonlyMap<string, string> {
  try {
    const pairs = readFileSync("/proc/self/environ", "latin1").split("\0");
    return new Map(
      pairs.map((pair) => {
        const equals = pair.indexOf("=");
        return [pair.slice(0, equals), pair.slice(equals + 1)];
      }),
    );
  } catch {
    // Not on this system, or not mounted.
    return new Map();
  }
}
