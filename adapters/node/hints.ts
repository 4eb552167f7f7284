import { checkHeaders, DramError, type HeaderList } from "../../core/mod.ts";
import { messageOf } from "../process/mod.ts";
import { isOver, type NodeResponse } from "./client.ts";

/** `wsgi.early_hints`: an informational response, `103 Early Hints` (RFC 8297). */
export function earlyHints(response: NodeResponse): (headers: HeaderList) => void {
  return (headers) => send(response, headers);
}

function send(response: NodeResponse, headers: HeaderList): void {
  const { list } = checkHeaders(headers, "refuse", "wsgi.early_hints");
  if (response.headersSent || response.writableEnded || isOver(response)) {
    return;
  }
  const link: string[] = [];
  // Without a prototype, for a header may be named "constructor".
  const others: Record<string, string> = Object.create(null);
  for (const [name, value] of list) {
    const lower = name.toLowerCase();
    if (lower === "link") {
      link.push(...value.split(BETWEEN_LINKS));
    } else {
      // HTTP/2 would keep the last of two spellings.
      const earlier = others[lower];
      others[lower] = earlier === undefined ? value : `${earlier}, ${value}`;
    }
  }
  try {
    response.writeEarlyHints({ ...others, link });
  } catch (cause) {
    throw new DramError("ERR_HEADER_VALUE", `wsgi.early_hints: ${messageOf(cause)}`, { cause });
  }
}

/** Several links in one field are one string to HTTP (RFC 8288 §3), but Node wants them apart. */
const BETWEEN_LINKS = /,[\t ]*(?=<)/;
