// What gateways do with the parts of a message.

import type { Field, HttpRequest, Site } from "./message.ts";

/**
 * The fields that a gateway hands on: none that belong to the connection, its own in the place of
 * those that a client may have forged, the client's address behind what proxies have said.
 */
export function forwarded(
  { headers, address }: Pick<HttpRequest, "headers" | "address">,
  { scheme, port }: Site,
): Field[] {
  const chain = headers.filter(([name]) => isNamed(name, "x-forwarded-for"));
  return [
    ...headers.filter(([name]) => !OWN.test(name)),
    ["X-Forwarded-For", [...chain.map(([, value]) => value), address].join(", ")],
    ["X-Forwarded-Port", port],
    ["X-Forwarded-Proto", scheme],
    ["X-Amzn-Trace-Id", "Root=1-00000000-000000000000000000000000"],
  ];
}

const OWN =
  /^(?:connection|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade|expect|x-forwarded-(?:for|port|proto)|x-amzn-trace-id)$/i;

export function isNamed(name: string, lowerName: string): boolean {
  return name.length === lowerName.length && name.toLowerCase() === lowerName;
}

/** The last value of a field. */
export function lastValue(fields: readonly Field[], lowerName: string): string | undefined {
  return fields.findLast(([name]) => isNamed(name, lowerName))?.[1];
}

/** All values by name. */
export function group(fields: Iterable<Field>): Record<string, string[]> {
  const map = new Map<string, string[]>();
  for (const [name, value] of fields) {
    map.set(name, [...(map.get(name) ?? []), value]);
  }
  return Object.fromEntries(map);
}

/** One value by name. */
export function single(
  groups: Readonly<Record<string, string[]>>,
  choose: (values: string[]) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, values]) => [name, choose(values)]));
}

export function lowerCase(fields: readonly Field[]): Field[] {
  return fields.map(([name, value]) => [name.toLowerCase(), value]);
}

export function last(values: readonly string[]): string {
  return values.at(-1) ?? "";
}

/** The parameters of a query string, not decoded. */
export function parameters(query: string, separator: RegExp = /&/): Field[] {
  return query
    .split(separator)
    .filter((pair) => pair !== "")
    .map((pair) => {
      const [, name = "", value = ""] = /^([^=]*)=?(.*)$/s.exec(pair) ?? [];
      return [name, value];
    });
}

/** Percent-decodes bytes of UTF-8, once. A malformed escape stays; what is no UTF-8 is lost. */
export function percentDecode(text: string): string {
  const bytes = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1").toString();
}

/** As in forms: "+" is a space. */
export function formDecode(text: string): string {
  return percentDecode(text.replaceAll("+", " "));
}

/** A request body as events have it. */
export function encodeBody(
  body: Buffer,
  isText: boolean,
): { body: string; isBase64Encoded: boolean } {
  return { body: body.toString(isText ? "utf8" : "base64"), isBase64Encoded: !isText };
}

/** The time as in Apache's log: `10/Jul/2026:19:19:04 +0000`. */
export function logTime(time: number): string {
  const [, day, month, year, clock] =
    /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(time).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${clock} +0000`;
}
