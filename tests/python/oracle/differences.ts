import type { Difference } from "./answer.ts";

const CHUNKED = ["POST in chunks", "POST of a form in chunks", "POST of files in chunks"];

/** Where httpbin answers otherwise through dram than through gunicorn. */
export const DIFFERENCES: readonly Difference[] = [
  {
    requests: CHUNKED,
    what: /^- +"Transfer-Encoding": "chunked"$/,
    reason: "dram decodes the body, and keeps back what was true on the connection alone.",
  },
  {
    requests: CHUNKED,
    what: /^[-+] content-length: \d+$/,
    reason: "The page is shorter by that line.",
  },
  {
    requests: ["a stream of nothing"],
    what: /^\+ content-length: 0$/,
    reason: "dram knows that there is no body when it sends the head; gunicorn begins chunks.",
  },
  {
    requests: ["status 407"],
    what: /^(- (status 407|reason PROXY AUTHENTICATION REQUIRED|access-control-.*|content-length: 0|)|\+ (status 500|reason Internal Server Error|content-.*|x-content-type-options: nosniff|Internal Server Error))$/,
    reason:
      "httpbin sends Proxy-Authenticate, which is for one hop: PEP 3333 has a gateway raise an error, gunicorn leaves it out.",
  },
  {
    targets: ["deno"],
    what: /^[-+] reason /,
    reason: "Deno sends its own phrase.",
  },
  {
    targets: ["deno"],
    requests: ["a stream of lines"],
    what: /^(- .*"headers": \{"Host": "httpbin.example", "Connection": "close"\}|\+ .*"headers": \{"Connection": "close", "Host": "httpbin.example"\}), "origin": "127.0.0.1", "id": \d\}$/,
    reason: "Deno gives the headers of a request in order of their names.",
  },
];
