import { type HeaderList, memoize, type RequestFields, textFromNative } from "../../core/mod.ts";
import { isObject, type JsonObject, malformed } from "./event.ts";
import type { EventPaths, LambdaRequest } from "./request.ts";

/**
 * Adds the headers of an event. The map of arrays is whole and comes first, name by name; `cookies`,
 * where there is such a list, is the genuine one.
 *
 * Content-Length and Transfer-Encoding are left out: AWS has the whole body, and counts for itself.
 *
 * @returns Whether the client announced a length.
 * @throws {DramError} `ERR_EVENT` for anything but maps of strings; what `RequestFields` throws.
 */
export function addHeaders(
  fields: RequestFields,
  { headers, multiValueHeaders, cookies }: LambdaRequest,
  paths: EventPaths,
): boolean {
  if (cookies !== undefined && cookies !== null && !Array.isArray(cookies)) {
    throw malformed("cookies", cookies, "an array");
  }
  const genuine = cookies?.length ? cookies : undefined;
  const many = mapAt(multiValueHeaders, paths.multiValueHeaders);
  const single = mapAt(headers, paths.headers);
  let announced = false;
  if (many !== undefined) {
    announced = addMap(fields, many, paths.multiValueHeaders, genuine !== undefined, undefined);
  }
  if (single !== undefined) {
    announced = addMap(fields, single, paths.headers, genuine !== undefined, many) || announced;
  }
  genuine?.forEach((cookie: unknown, index) => {
    if (typeof cookie !== "string") {
      throw malformed(`cookies[${index}]`, cookie, "a string");
    }
    fields.add("cookie", cookie);
  });
  return announced;
}

/** The last value of a header in a map whose names may have any case; `undefined` if there is none. */
export function lastValue(map: unknown, lowerName: string): string | undefined {
  if (!isObject(map)) {
    return undefined;
  }
  const name = Object.hasOwn(map, lowerName)
    ? lowerName
    : Object.keys(map).find((key) => key.toLowerCase() === lowerName);
  const values = name === undefined ? undefined : map[name];
  const value: unknown = Array.isArray(values) ? values.at(-1) : values;
  return typeof value === "string" ? value : undefined;
}

/** The last entry of a header that every proxy appends to, or sets: the one of the nearest. */
export function lastEntry(map: unknown, lowerName: string): string | undefined {
  const value = lastValue(map, lowerName);
  return value?.slice(value.lastIndexOf(",") + 1).trim();
}

/** Response headers, names in lower case, repeated ones joined; cookies, which cannot be, apart. */
export interface JoinedHeaders {
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
}

export function joinHeaders(list: HeaderList): JoinedHeaders {
  const headers = new Fields<string>();
  const cookies: string[] = [];
  for (const [name, value] of list) {
    const key = lowerCase(name);
    if (key === "set-cookie") {
      cookies.push(toText(value));
    } else {
      const earlier = headers[key];
      headers[key] = earlier === undefined ? toText(value) : `${earlier}, ${toText(value)}`;
    }
  }
  return { headers, cookies };
}

/** Response headers, names in lower case, each with all its values. */
export function groupHeaders(list: HeaderList): Readonly<Record<string, string[]>> {
  const headers = new Fields<string[]>();
  for (const [name, value] of list) {
    const key = lowerCase(name);
    const values = headers[key];
    if (values === undefined) {
      headers[key] = [toText(value)];
    } else {
      values.push(toText(value));
    }
  }
  return headers;
}

/** Names of response headers remembered between requests. Our choice. */
const KNOWN_NAMES = 512;

// A string made anew has to be looked up in V8's table before it can be a key: 90 ns a header.
const lowerCase = memoize((name) => name.toLowerCase(), KNOWN_NAMES);

/** For a source that takes one value a header: what is left of the cookies, and a word about the rest. */
export function onlyCookie(
  { headers, cookies: [first, ...others] }: JoinedHeaders,
  warn: (message: string) => void,
  remedy: string,
): Readonly<Record<string, string>> {
  if (first === undefined) {
    return headers;
  }
  if (others.length > 0) {
    const names = others.map((cookie) => JSON.stringify(cookie.split("=", 1)[0])).join(", ");
    warn(`only the first of several cookies was sent, without ${names}: ${remedy}`);
  }
  return { ...headers, "set-cookie": first };
}

function mapAt(value: unknown, path: string): JsonObject | undefined {
  if (value === null || value === undefined) {
    return undefined;
  }
  if (!isObject(value)) {
    throw malformed(path, value, "an object");
  }
  return value;
}

function addMap(
  fields: RequestFields,
  map: JsonObject,
  path: string,
  withoutCookies: boolean,
  earlier: JsonObject | undefined,
): boolean {
  let announced = false;
  let known: Set<string> | undefined;
  for (const name in map) {
    if (earlier !== undefined) {
      if (Object.hasOwn(earlier, name)) {
        continue;
      }
      known ??= new Set(Object.keys(earlier).map((key) => key.toLowerCase()));
      if (known.has(name.toLowerCase())) {
        continue;
      }
    }
    switch (kindOf(name)) {
      case "content-length":
        announced = true;
        continue;
      case "transfer-encoding":
        continue;
      case "cookie":
        if (withoutCookies) {
          continue;
        }
    }
    const value = map[name];
    if (typeof value === "string") {
      fields.add(name, value);
    } else {
      addOther(fields, name, value, path);
    }
  }
  return announced;
}

/** What is no string: a list of values, a number as some emulators write it, or `null` for none. */
function addOther(fields: RequestFields, name: string, value: unknown, path: string): void {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  for (const each of values) {
    if (typeof each === "string" || typeof each === "number") {
      fields.add(name, String(each));
    } else if (each !== null && each !== undefined) {
      throw malformed(`${path}[${JSON.stringify(name)}]`, each, "a string");
    }
  }
}

/** Told by its first letter, "c" or "t" of either case, and its length, which few names share. */
function kindOf(name: string): string | undefined {
  const first = name.charCodeAt(0) | 0x20;
  return (first === 0x63 && (name.length === 6 || name.length === 14)) ||
    (first === 0x74 && name.length === 17)
    ? name.toLowerCase()
    : undefined;
}

/**
 * AWS takes JSON text and sends it as UTF-8. A value that is no UTF-8 cannot be sent byte for byte,
 * so its characters are sent instead.
 */
function toText(value: string): string {
  return ASCII.test(value) ? value : (textFromNative(value) ?? value);
}

const ASCII = /^[\0-\x7f]*$/;

/** A record whose keys come from an application: it inherits nothing that one could meet. */
class Fields<Value> {
  [name: string]: Value;
}

Reflect.deleteProperty(Fields.prototype, "constructor");
Object.setPrototypeOf(Fields.prototype, null);
Object.freeze(Fields.prototype);
