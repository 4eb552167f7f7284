import {
  DramError,
  describe,
  type HeaderList,
  isBytes,
  nativeFromBytes,
  quote,
  reasonOf,
} from "../../core/mod.ts";

/** An event as an application may have made it. */
export interface AnyEvent {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** @throws {DramError} `ERR_ASGI_EVENT` for what has no type. */
export function asEvent(value: unknown): AnyEvent {
  if (!isEvent(value)) {
    throw new DramError(
      "ERR_ASGI_EVENT",
      `send: the event is ${describe(value)} without a type; wanted an object such as { type: "http.response.start", status: 200 }`,
    );
  }
  return value;
}

/** An event that is no answer to where the exchange stands. */
export function outOfPlace(event: AnyEvent, wanted: string): DramError {
  return new DramError("ERR_ASGI_EVENT", `send: found ${quote(event.type)}; wanted ${wanted}`);
}

/** A key that may be missing. */
function optional<Value>(
  event: AnyEvent,
  key: string,
  is: (value: unknown) => value is Value,
  wanted: string,
): Value | undefined {
  const value = event[key];
  if (value === undefined || value === null) {
    return undefined;
  }
  if (!is(value)) {
    throw malformed(event, key, `is ${describe(value)}; wanted ${wanted}`);
  }
  return value;
}

export function bytesOf(event: AnyEvent, key: string): Uint8Array | undefined {
  return optional(event, key, isBytes, "bytes (Uint8Array)");
}

export function textOf(event: AnyEvent, key: string): string | undefined {
  return optional(event, key, isString, "a string");
}

export function flagOf(event: AnyEvent, key: string): boolean {
  return optional(event, key, isBoolean, "true or false") ?? false;
}

export function countOf(event: AnyEvent, key: string): number | undefined {
  return optional(event, key, isCount, "a whole number from 0");
}

/**
 * The status line of the start of a response.
 *
 * @returns As `startResponse` takes it, which checks the range and the characters.
 */
export function statusOf(event: AnyEvent): string {
  const { status } = event;
  if (!isCount(status)) {
    throw malformed(event, "status", `is ${describe(status)}; wanted a number such as 200`);
  }
  return `${status} ${textOf(event, "reason") ?? reasonOf(status)}`;
}

/** Headers as native strings, which core checks. */
export function headersOf(event: AnyEvent): HeaderList {
  const headers =
    optional(event, "headers", isIterable, "a list of [name, value] pairs of bytes") ?? [];
  const list: HeaderList = [];
  for (const pair of headers) {
    const [name, value]: unknown[] = isIterable(pair) ? [...pair] : [];
    if (!isBytes(name) || !isBytes(value)) {
      throw malformed(
        event,
        `headers[${list.length}]`,
        `is ${isIterable(pair) ? `[${describe(name)}, ${describe(value)}]` : describe(pair)}; wanted a pair of bytes (Uint8Array)`,
      );
    }
    list.push([nativeFromBytes(name), nativeFromBytes(value)]);
  }
  return list;
}

export function malformed(event: AnyEvent, key: string, problem: string): DramError {
  return new DramError("ERR_ASGI_EVENT", `${quote(event.type)}: ${key} ${problem}`);
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}

function isEvent(value: unknown): value is AnyEvent {
  return (
    typeof value === "object" && value !== null && "type" in value && typeof value.type === "string"
  );
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0;
}

export function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}
