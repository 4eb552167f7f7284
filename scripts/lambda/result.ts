// The parts of results. Each gateway refuses with 502 what is malformed.

import { type Field, Refusal } from "./message.ts";

/** An object of a result. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws {Refusal} 502. */
export function parseResult(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(502, "the result is no JSON, which this gateway wants");
  }
}

/** @throws {Refusal} 502. */
export function objectOf(result: unknown): JsonObject {
  return isObject(result) ? result : malformed("the result", result, "an object");
}

/** @throws {Refusal} 502. */
export function statusOf(status: unknown): number {
  return typeof status === "number" && Number.isInteger(status) && status >= 200 && status <= 599
    ? status
    : malformed("statusCode", status, "a whole number from 200 to 599");
}

/** @throws {Refusal} 502. */
export function bodyOf({ body, isBase64Encoded = false }: JsonObject): Buffer {
  if (typeof isBase64Encoded !== "boolean") {
    return malformed("isBase64Encoded", isBase64Encoded, "true or false");
  }
  if (body === undefined || body === null) {
    return Buffer.alloc(0);
  }
  if (typeof body !== "string") {
    return malformed("body", body, "a string");
  }
  return Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
}

/**
 * A map of names to values.
 *
 * @throws {Refusal} 502.
 */
export function singleOf(map: unknown): Field[] {
  return entriesOf("headers", map).map(([name, value]) => [name, scalar(name, value)]);
}

/**
 * A map of names to lists of values.
 *
 * @throws {Refusal} 502.
 */
export function multiOf(map: unknown): Field[] {
  return entriesOf("multiValueHeaders", map).flatMap(([name, values]) =>
    Array.isArray(values)
      ? values.map((value: unknown): Field => [name, scalar(name, value)])
      : malformed(name, values, "an array"),
  );
}

/** @throws {Refusal} 502, always. */
export function malformed(what: string, found: unknown, wanted: string): never {
  throw new Refusal(502, `${what}: found ${JSON.stringify(found)}, wanted ${wanted}`);
}

function entriesOf(what: string, map: unknown): [string, unknown][] {
  if (map === undefined || map === null) {
    return [];
  }
  return isObject(map) ? Object.entries(map) : malformed(what, map, "an object");
}

function scalar(name: string, value: unknown): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : malformed(name, value, "a string");
}
