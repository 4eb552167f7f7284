import { readFileSync } from "node:fs";
import { Failure } from "./failure.ts";

/**
 * A saved event.
 *
 * @param path Of a file of JSON; `-` for standard input.
 * @throws {Failure} If there is none, or it is no JSON.
 */
export function readEvent(path: string): unknown {
  const name = path === "-" ? "standard input" : path;
  const text = read(path, name);
  try {
    // Editors of Windows begin a file with a byte order mark.
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (error) {
    throw new Failure(`${name} is not JSON: ${messageOf(error)}`);
  }
}

function read(path: string, name: string): string {
  try {
    return readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    throw new Failure(`the event cannot be read from ${name}: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
