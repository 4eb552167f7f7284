import { checkTrailers, DramError, type HeaderList } from "../../core/mod.ts";
import { isHttp2, isOver, type NodeResponse } from "./client.ts";

const added = new WeakMap<NodeResponse, HeaderList>();

/** `dram.trailers`. */
export function trailers(response: NodeResponse): (headers: HeaderList) => void {
  return (headers) => add(response, headers);
}

function add(response: NodeResponse, headers: HeaderList): void {
  const list = checkTrailers(headers);
  if (response.writableEnded || isOver(response)) {
    throw new DramError("ERR_CLOSED", "dram.trailers was called after the response had ended");
  }
  if (!isHttp2(response) && response.headersSent && !response.chunkedEncoding) {
    throw new DramError(
      "ERR_CONTENT_LENGTH",
      "dram.trailers: the response has been started without chunks; call it before the first chunk",
    );
  }
  added.set(response, [...(added.get(response) ?? []), ...list]);
}

/** Whether trailers are to follow, as far as one can tell now. */
export function hasTrailers(response: NodeResponse): boolean {
  return added.has(response);
}

/** Hands the trailers over to Node, which sends them at the end. */
export function setTrailers(response: NodeResponse): void {
  const list = added.get(response);
  if (list === undefined) {
    return;
  }
  if (!isHttp2(response)) {
    response.addTrailers(list);
    return;
  }
  const grouped = new Map<string, string>();
  for (const [name, value] of list) {
    const lower = name.toLowerCase();
    const earlier = grouped.get(lower);
    grouped.set(lower, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  response.addTrailers(Object.fromEntries(grouped));
}
