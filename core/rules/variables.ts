/** One key of environ. */
export interface Variable {
  /** `PATH_INFO`. */
  readonly key: string;
  /** When it is there. */
  readonly presence: "always" | "if known";
  /** What `typeof` or its value is. */
  readonly type: "string" | "boolean" | "function" | "object" | "[1, 0]" | "true";
  /** What it says, in one sentence. */
  readonly text: string;
  /** Where it comes from. */
  readonly source: string;
}

// Where a key is not from CGI and PEP 3333.
const SOURCES: Readonly<Record<string, string>> = {
  REQUEST_URI: "common practice of servers",
  RAW_URI: "common practice of servers",
  HTTPS: "PEP 3333, environ Variables",
  "wsgi.input_terminated": "common practice of servers",
  "wsgi.file_wrapper": "PEP 3333, Optional Platform-Specific File Handling",
  "wsgi.early_hints": "common practice of servers; RFC 8297",
  "dram.trailers": "dram; RFC 9110 §6.5",
};

/** The keys of environ that the contract names, in the order of SPEC.md. */
export const variables: readonly Variable[] = [
  cgi("REQUEST_METHOD", "The method, a token, in the case it was sent in."),
  cgi(
    "SCRIPT_NAME",
    'The path the application is mounted at: `""`, or `/path` without a trailing slash.',
  ),
  cgi(
    "PATH_INFO",
    "The rest of the path, percent-decoded once, its bytes as U+0000 to U+00FF; `*` for `OPTIONS *`.",
  ),
  cgi(
    "QUERY_STRING",
    'Everything after the first `?` of the target, not decoded; `""` if there is none.',
  ),
  cgi("SERVER_NAME", "The server's host name or address, never empty; IPv6 in brackets."),
  cgi("SERVER_PORT", "The server's port, in digits."),
  cgi("SERVER_PROTOCOL", "The protocol of the request: `HTTP/1.1`, `HTTP/2`."),
  cgi("REQUEST_URI", "The request target as it was received: path and query.", "if known"),
  cgi("RAW_URI", "The same under the name that other servers use.", "if known"),
  cgi("CONTENT_TYPE", "The Content-Type header, if it was sent.", "if known"),
  cgi(
    "CONTENT_LENGTH",
    "The bytes of the request body, in digits; absent if they were not announced.",
    "if known",
  ),
  {
    key: "HTTP_*",
    presence: "if known",
    type: "string",
    text: "Every other request header, its name in upper case with `_` for `-`. Repeated fields are joined with `, `, cookies with `; `. `Proxy`, `Transfer-Encoding` and names with an underscore are left out.",
    source: "PEP 3333, environ Variables; RFC 9110 §5.3",
  },
  cgi("REMOTE_ADDR", "The client's address.", "if known"),
  cgi("REMOTE_PORT", "The client's port, in digits.", "if known"),
  cgi("REMOTE_USER", "The user, if the platform has authenticated one.", "if known"),
  cgi("AUTH_TYPE", "How it has.", "if known"),
  cgi("HTTPS", "`on` under TLS, absent otherwise.", "if known"),
  cgi("GATEWAY_INTERFACE", "`CGI/1.1`.", "if known"),
  cgi("SERVER_SOFTWARE", "Name and version of the gateway.", "if known"),
  wsgi("wsgi.version", "[1, 0]", "The version of the interface."),
  wsgi("wsgi.url_scheme", "string", "`http` or `https`, from the platform's own knowledge."),
  wsgi(
    "wsgi.input",
    "object",
    "The request body: `read`, `readline`, `readlines`, iteration by lines, and `read1`, which does not wait for more than is there.",
  ),
  wsgi("wsgi.errors", "object", "The log: `write`, `writelines`, `flush`."),
  wsgi("wsgi.multithread", "boolean", "Two requests may be in flight in this process or isolate."),
  wsgi("wsgi.multiprocess", "boolean", "Other processes may run the same application."),
  wsgi("wsgi.run_once", "boolean", "This process is expected to serve only one request."),
  extension(
    "wsgi.input_terminated",
    "true",
    "Reading to the end of `wsgi.input` is safe without `CONTENT_LENGTH`.",
  ),
  extension(
    "wsgi.file_wrapper",
    "function",
    "`(file, blockSize?)` gives a body that reads a file and closes it.",
  ),
  extension(
    "wsgi.early_hints",
    "function",
    "`(headers)` sends an informational response ahead of the final one.",
  ),
  extension(
    "dram.trailers",
    "function",
    "`(headers)` sends fields behind the body; there if the client accepts them.",
  ),
  extension("dram.signal", "object", "An AbortSignal: the client has left, or the server stops."),
  extension(
    "dram.wait_until",
    "function",
    "`(promise)` keeps the platform running after the response.",
  ),
  extension("dram.capabilities", "object", "What this gateway can do, frozen."),
  extension(
    "dram.native_request",
    "function",
    "`(environ)` gives the platform's own request, unless environ or the body was changed.",
  ),
  extension(
    "dram.native_response",
    "function",
    "`(response, said)` gives a body that stands for a response of the platform's own.",
  ),
  extension("dram.request_id", "string", "The platform's name for the request."),
];

/** The keys that every environ has. */
export const requiredKeys: readonly string[] = variables
  .filter(({ presence }) => presence === "always")
  .map(({ key }) => key);

function cgi(key: string, text: string, presence: Variable["presence"] = "always"): Variable {
  const source = SOURCES[key] ?? "PEP 3333, environ Variables; RFC 3875 §4.1";
  return { key, presence, type: "string", text, source };
}

function wsgi(key: string, type: Variable["type"], text: string): Variable {
  return { key, presence: "always", type, text, source: "PEP 3333, environ Variables" };
}

function extension(key: string, type: Variable["type"], text: string): Variable {
  const source = SOURCES[key] ?? "dram";
  return { key, presence: "if known", type, text, source };
}
