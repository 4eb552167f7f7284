import { test } from "vitest";

/** A test that cannot pass on a target yet. It runs all the same, and turns red when it passes. */
export interface KnownFailure {
  readonly target: string;
  /** The name of the test. */
  readonly test: string;
  readonly reason: string;
  /** Where it is reported, if the fault is not dram's. */
  readonly report?: string;
}

const KNOWN_FAILURES: readonly KnownFailure[] = [
  {
    target: "workerd",
    test: "/breaks: the client sees the break",
    reason:
      "workerd 2026-07-30 ends a chunked body that breaks as if it were whole. With Content-Length the client sees it.",
  },
  {
    target: "workerd",
    test: "a client that leaves while nothing is produced aborts dram.signal",
    reason:
      "workerd 2026-07-30 learns that the client has left only when the next chunk is refused; neither the signal nor the stream tells before.",
    report: "https://github.com/cloudflare/workerd/issues/6832",
  },
  {
    target: "workerd",
    test: "I17 an invalid Content-Length is refused with 400",
    reason: "workerd 2026-07-30 refuses it itself, before the Worker is called, but with 500.",
  },
  {
    target: "workerd",
    test: "a Node listener is answered for by a Worker",
    reason:
      "workerd 2026-07-30 has a node:http of its own, whose ServerResponse takes no socket, holds nothing back, and is closed when its head is sent.",
    report: "https://github.com/cloudflare/workerd/issues/6673",
  },
  {
    target: "deno",
    test: "ends while the response is sent",
    reason:
      "Deno 2.9.5 often never tells the reader of a request body that it has ended, if the end arrives by itself while the response is being streamed. A handler of a few lines without dram hangs as well.",
  },
  {
    target: "workerd object",
    test: "I17 an invalid Content-Length is refused with 400",
    reason: "workerd 2026-07-30 refuses it itself, before the Worker is called, but with 500.",
  },
  ...each(
    "workerd",
    "workerd refuses the request itself, before a Worker is called, with 500 where 400 or 200 is due. Cloudflare's edge stands before it.",
    [
      "T06 m-absolute-empty-host",
      "T06 m-absolute-other-scheme",
      "T06 m-authority-form",
      "T06 m-connect",
      "T06 m-connect-path",
      "T06 m-options-asterisk",
      "T06 raw-absolute-form",
      "T06 raw-absolute-https",
      "T06 raw-asterisk-get",
      "T07 m-behind-refusal-host",
      "T07 m-host-bad-port",
      "T07 m-host-high-byte",
      "T07 m-host-list",
      "T07 m-host-path",
      "T07 m-host-twice",
      "T07 m-host-twice-same",
      "T07 raw-host-badhost",
      "T07 raw-host-markup",
      "T07 raw-host-userinfo",
      "T08 m-behind-refusal-te",
      "T08 m-cl-hex",
      "T08 m-cl-negative",
      "T08 m-cl-space",
      "T08 m-te-identity",
      "T08 m-te-vertical-tab",
      "T08 raw-cl-list",
      "T08 raw-cl-plus",
      "T08 raw-cl-underscore-digits",
      "T08 raw-dup-cl-differ",
      "T08 raw-dup-cl-same",
      "T08 raw-te-chunked-identity",
      "T08 raw-te-gzip-chunked",
      "T08 raw-te-xchunked",
    ],
  ),
  ...each(
    "workerd",
    "workerd's parser repairs the request, so that a Worker cannot tell it from a sound one. Cloudflare's edge stands before it.",
    [
      "T05 m-path-control",
      "T05 m-path-del",
      "T05 m-path-space",
      "T06 m-version-9-9",
      "T06 m-version-missing-digit",
      "T08 m-bare-cr-value",
      "T08 m-bare-lf",
      "T08 m-bare-lf-one",
      "T08 m-chunk-bare-lf",
      "T08 m-cl-empty",
      "T08 m-content-type-twice",
      "T08 m-fold-first",
      "T08 m-obs-fold",
      "T08 m-space-before-colon",
      "T08 m-te-empty",
    ],
  ),
  ...each("workerd", "workerd 2026-07-30 ends a chunked body that breaks as if it were whole.", [
    "T15 a-throw-mid-stream",
    "T15 m-start-again-after-first-chunk",
  ]),
  {
    target: "workerd",
    test: "T07 m-host-missing-1-0",
    reason: "workerd demands a Host of HTTP/1.0, too.",
  },
  {
    target: "workerd",
    test: "T08 m-chunk-extension",
    reason: "workerd refuses chunk extensions, which are to be ignored (RFC 9112 §7.1.1).",
  },
  {
    target: "workerd",
    test: "T08 raw-te-http10",
    reason:
      "workerd decodes Transfer-Encoding in HTTP/1.0, and does not tell a Worker the version of the request.",
  },
  {
    target: "workerd",
    test: "T09 raw-cookie-two-lines",
    reason:
      "workerd joins two Cookie lines with a comma before a Worker sees them; a comma may be part of a value, so nobody can undo it.",
  },
  {
    target: "workerd",
    test: "T10 raw-hdr-latin1",
    reason: "workerd decodes header values as UTF-8 and replaces every byte that is none.",
    report: "https://github.com/cloudflare/workerd/issues/6927",
  },
  ...each(
    "deno",
    "Deno tells no version, and puts a host of its own into the URL of a request without Host: it passes for one of HTTP/2.",
    ["T07 m-host-missing", "T07 m-host-missing-1-0"],
  ),
  ...each(
    "deno",
    "Deno drops the connection whose body has a malformed chunk, without an answer.",
    [
      "T08 m-chunk-bare-lf",
      "T08 m-chunk-hex-prefix",
      "T08 m-chunk-long",
      "T08 raw-chunk-huge",
      "T08 raw-chunk-negative",
    ],
  ),
  ...each(
    "deno",
    "Deno's parser repairs the request, so that a handler cannot tell it from a sound one.",
    ["T08 m-bare-lf", "T08 m-bare-lf-one", "T08 m-content-type-twice"],
  ),
  ...each(
    "deno",
    "Deno puts every target that is none in absolute form behind a slash, as if it were a path.",
    ["T06 m-absolute-empty-host", "T06 m-absolute-other-scheme", "T06 m-options-asterisk"],
  ),
  {
    target: "deno",
    test: "T06 m-http2-preface",
    reason: "Deno speaks HTTP/2 on the same port: it answers the preface, and waits for more.",
  },
  {
    target: "deno",
    test: "T08 m-behind-refusal-te",
    reason:
      "Deno decodes gzip, chunked as chunked and reads on; no handler can make it close a connection.",
  },
  ...each("python on deno", "Deno sends its own phrase.", ["a reason of its own"]),
  ...each("python on workerd", "workerd encodes header values as UTF-8.", [
    "a header of a response in Latin-1",
  ]),
  ...["rest", "url-stream", "alb-multi"].flatMap((gateway) =>
    each(`python on lambda-${gateway}`, "Results are JSON, which is text.", [
      "a header of a response in Latin-1",
    ]),
  ),
  ...["rest", "url-stream"].flatMap((gateway) =>
    each(`python on lambda-${gateway}`, "The result has no place for a reason.", [
      "a reason of its own",
    ]),
  ),
  ...["rest", "alb-multi"].flatMap((gateway) => [
    ...each(
      `python on lambda-${gateway}`,
      "The result is the whole response: an error in the body is answered 500.",
      ["start_response again with exc_info, after a block"],
    ),
    ...each(
      `python on lambda-${gateway}`,
      "The event has the parameters by their names, not the query as it was sent.",
      ["environ of a path and a query"],
    ),
  ]),
  ...each("python on lambda-rest", "API Gateway renames Content-Length of a result.", [
    "HEAD of an iterator with Content-Length",
  ]),
  ...each("python on lambda-url-stream", "A streamed response is sent in chunks.", [
    "an iterator with Content-Length",
  ]),
  ...each("python on lambda-url-stream", "AWS takes one value a name, but for Set-Cookie.", [
    "repeated headers of a response",
  ]),
  ...each(
    "python on node without JSPI",
    "WebAssembly cannot wait: Python is called when the whole body is there, and what it writes is sent when it comes back.",
    [
      "wsgi.input is read while the body is made, in turn",
      "write() sends before the application goes on",
    ],
  ),
  ...each("python on gunicorn", "gunicorn 26 keeps the headers of the first start_response.", [
    "start_response again with exc_info, before the body",
    "an error page replaces the response, where nothing of it has been sent",
  ]),
  ...each(
    "python on gunicorn",
    "gunicorn 26 waits for 1,024 bytes of a body, however few are asked for.",
    ["wsgi.input is read while the body is made, in turn"],
  ),
  ...each("python on gunicorn", "gunicorn 26 sends the headers with an empty block.", [
    "start_response again with exc_info, after an empty block",
  ]),
  ...each("cgi", "CGI cannot tell that a body without Content-Length has broken off.", [
    "T15 a-throw-mid-stream",
    "T15 m-start-again-after-first-chunk",
  ]),
  ...["apache-cgi", "apache-fastcgi", "apache-fcgid"].map((target) => ({
    target,
    test: "R21 100 headers arrive, one of them of 8 KiB",
    reason:
      "Apache httpd takes a header of at most 8,190 bytes from such a program, its name included, and answers 500.",
  })),
  {
    target: "apache-fastcgi",
    test: "B22 an empty write sends the headers, before there is a body",
    reason: "mod_proxy_fcgi sends the headers with the first bytes of the body.",
  },
  {
    target: "apache-cgi",
    test: "I14 a body that breaks off is no complete one",
    reason:
      "mod_cgid ends the standard input in the same way where a chunked body breaks off. With Content-Length the application is told.",
  },
  {
    target: "apache-fcgid",
    test: "E20 Content-Type and Content-Length are CONTENT_TYPE and CONTENT_LENGTH only",
    reason: "mod_fcgid says CONTENT_LENGTH 0 where there is no body.",
  },
  {
    target: "apache-fcgid",
    test: "B22 an empty write sends the headers, before there is a body",
    reason: "mod_fcgid sends the headers with the first bytes of the body.",
  },
  {
    target: "apache-fcgid",
    test: "X16 a request for a WebSocket that is denied is answered, with status, headers and body",
    reason: "mod_fcgid does not hand on Upgrade.",
  },
  ...each(
    "apache-fcgid",
    "mod_fcgid appends a page about an error 500 to a body that breaks off.",
    [
      "B12 an error after the first byte is thrown back, the same object, and breaks the body",
      "B19 an error after the first byte breaks the body, and is logged",
      "B24 an error after a write breaks the body behind it, and is logged",
      "B27 a body shorter than Content-Length is no whole one, and is logged",
    ],
  ),
  ...["lambda-rest", "lambda-rest-stream"].flatMap((target) =>
    each(
      target,
      "API Gateway adds Content-Type: application/json to a result without one, even where there is no body.",
      [
        "R13 204 has no body, and no header that would announce one",
        "R14 the bytes of an application do not follow 204",
        "R15 304 keeps its ETag and has no body",
      ],
    ),
  ),
  ...["lambda-http", "lambda-url", "lambda-url-stream"].map((target) => ({
    target,
    test: "E16 a repeated header is joined with a comma, in order",
    reason: "AWS joins repeated headers itself, by a comma without a space.",
  })),
  {
    target: "lambda-http",
    test: "E08 an escaped slash is one in PATH_INFO, and an escape in REQUEST_URI",
    reason: "An HTTP API decodes the path: what was escaped in it is not to be known.",
  },
  ...each(
    "lambda-http",
    "An HTTP API decodes the path into text, which bytes that are no UTF-8 do not survive.",
    [
      "E06 PATH_INFO holds bytes that are no UTF-8",
      "X06 the URL of the request can be rebuilt from environ",
    ],
  ),
  {
    target: "lambda-alb",
    test: "E14 QUERY_STRING keeps repeated and empty parameters",
    reason:
      "Without lambda.multi_value_headers.enabled the load balancer hands on the last parameter of each name.",
  },
  {
    target: "lambda-edge",
    test: "I18 the body of a GET is read as any other",
    reason: "CloudFront refuses a GET with a body: 403.",
  },
  {
    target: "lambda edge",
    test: "T08 a-resp-head-body",
    reason:
      "Content-Length is CloudFront's own: a result that has it is answered 502, so it is left out.",
  },
];

/** Why a test cannot pass on a target yet. */
export function knownFailure(target: string, name: string): KnownFailure | undefined {
  return KNOWN_FAILURES.find((failure) => failure.target === target && failure.test === name);
}

function each(target: string, reason: string, tests: readonly string[]): KnownFailure[] {
  return tests.map((test) => ({ target, test, reason }));
}

/** `test` for one target: an expected failure where one is known. */
export function testOn(target: string): (name: string, body: () => unknown) => void {
  return (name, body) => {
    (knownFailure(target, name) ? test.fails : test)(name, body);
  };
}
