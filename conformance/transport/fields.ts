import type { HeaderList } from "../../core/mod.ts";
import type { Request } from "../types.ts";

/** Node's flat list of names and values as pairs, names in lower case. */
export function pairs(raw: readonly string[]): HeaderList {
  const list: HeaderList = [];
  for (let index = 0; index < raw.length; index += 2) {
    list.push([(raw[index] ?? "").toLowerCase(), raw[index + 1] ?? ""]);
  }
  return list;
}

/** The request with a Host field, unless it has one. */
export function withHost(request: Request, host: string): Request {
  const { headers = [] } = request;
  return headers.some(([name]) => name.toLowerCase() === "host")
    ? request
    : { ...request, headers: [["Host", host], ...headers] };
}
