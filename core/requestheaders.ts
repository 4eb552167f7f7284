import { memoize } from "./cache.ts";
import { CACHE_CAPACITY } from "./limits.ts";
import type { Environ, HeaderList } from "./types.ts";

/**
 * The headers of a request, as its environ has them, for a bridge: names in lower case, repeated
 * fields joined, values native strings. The way back of what `RequestFields` does.
 */
export function requestHeaders(environ: Environ): HeaderList {
  const list: HeaderList = [];
  for (const key in environ) {
    const name = fieldName(key);
    if (name !== "") {
      const value = environ[key];
      // CGI servers give an empty CONTENT_LENGTH where there is none (RFC 3875 §4.1.2).
      if (typeof value === "string" && (value !== "" || key.startsWith(PREFIX))) {
        list.push([name, value]);
      }
    }
  }
  return list;
}

const PREFIX = "HTTP_";

const fieldName = memoize((key: string): string => {
  const name = key.startsWith(PREFIX)
    ? key.slice(PREFIX.length)
    : key === "CONTENT_TYPE" || key === "CONTENT_LENGTH"
      ? key
      : "";
  return name.toLowerCase().replaceAll("_", "-");
}, CACHE_CAPACITY);
