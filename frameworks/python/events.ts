import { bytesFromNative, EMPTY, nativeFromBytes } from "../../core/mod.ts";
import type { AsgiReceiveEvent, AsgiSendEvent, HttpScope, WebSocketScope } from "../asgi/mod.ts";

/**
 * A scope as asgi.py reads it: JSON, whose strings hold bytes where ASGI has bytes. What cannot cross is
 * left out: objects of JavaScript's, and the extension that sends files of its own.
 */
export function encodeScope(scope: HttpScope | WebSocketScope): string {
  const { extensions = {}, headers, query_string: query, raw_path: raw, ...rest } = scope;
  const crossing = Object.entries(extensions).filter(([name]) => !STAYING.has(name));
  return JSON.stringify({
    ...rest,
    state: undefined,
    headers: headers.map((pair) => pair.map(nativeFromBytes)),
    query_string: nativeFromBytes(query),
    raw_path: raw === undefined || raw === null ? raw : nativeFromBytes(raw),
    extensions: Object.fromEntries(crossing),
  });
}

const STAYING: ReadonlySet<string> = new Set(["dram.environ", "http.response.zerocopysend"]);

/** An event for the application: JSON, [event, key], and the bytes that belong at the key. */
export function encodeEvent(event: AsgiReceiveEvent): readonly [head: string, content: Uint8Array] {
  if ("body" in event && event.body !== undefined) {
    const { body, ...rest } = event;
    return [JSON.stringify([rest, "body"]), body];
  }
  if ("bytes" in event && event.bytes !== undefined && event.bytes !== null) {
    const { bytes, ...rest } = event;
    return [JSON.stringify([rest, "bytes"]), bytes];
  }
  return [JSON.stringify([event, null]), EMPTY];
}

/**
 * An event of the application's, whose contents are for the server to judge.
 *
 * @param head [event, key], as JSON had it.
 */
export function decodeEvent(head: unknown, content: Uint8Array): AsgiSendEvent {
  const [event, key]: unknown[] = Array.isArray(head) ? head : [];
  const decoded: Record<string, unknown> = { ...(event as object) };
  if (typeof key === "string") {
    decoded[key] = content;
  }
  if (Array.isArray(decoded.headers)) {
    decoded.headers = decoded.headers.map((pair: unknown[]) => pair.map(toBytes));
  }
  if (Array.isArray(decoded.links)) {
    decoded.links = decoded.links.map(toBytes);
  }
  return decoded as unknown as AsgiSendEvent;
}

function toBytes(text: unknown): Uint8Array {
  return bytesFromNative(String(text));
}
