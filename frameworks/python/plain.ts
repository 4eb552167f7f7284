import type { PythonRuntime } from "./runtime.ts";

/** What host.py takes of node:crypto; nothing where there is none. */
export function hashes({ crypto }: PythonRuntime): object {
  if (crypto === undefined) {
    return {};
  }
  const { pbkdf2Sync, scryptSync } = crypto;
  return {
    pbkdf2: (
      password: Uint8Array,
      salt: Uint8Array,
      iterations: number,
      length: number,
      digest: string,
    ) => plain(pbkdf2Sync(password, salt, iterations, length, digest)),
    scrypt: (
      password: Uint8Array,
      salt: Uint8Array,
      length: number,
      N: number,
      r: number,
      p: number,
      maxmem: number,
    ) => plain(scryptSync(password, salt, length, { N, r, p, maxmem })),
  };
}

/** Pyodide takes no subclass, such as Node's Buffer, and nothing of another realm. */
export function plain(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array
    ? bytes
    : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
