import type { TestRequest } from "../../targets/target.ts";

/** A request to apps/forms.py, and all that is to be seen of the answer. */
export interface Form extends TestRequest {
  readonly status?: number;
  readonly reason?: string;
  /** Values of the headers that are named, each as often as it is there. */
  readonly answered?: Readonly<Record<string, readonly string[]>>;
  /** The body, bytes as U+0000 to U+00FF. */
  readonly text?: string;
  /** What is to be in the JSON of the body. */
  readonly environ?: Readonly<Record<string, unknown>>;
  /** Lines of the log, as parts of what a gateway makes of them. */
  readonly logged?: readonly string[];
  /** Which error breaks the answer off. */
  readonly breaks?: string;
}

const PLAIN = { "content-type": ["text/plain"] };
const UPLOAD = Buffer.from(`first line\nsecond \u00ff\n\nlast${"x".repeat(100_000)}`, "latin1");

/** By their names, which are facts. */
export const FORMS: Readonly<Record<string, Form>> = {
  "a list of one block": { path: "/one", text: "one block", answered: PLAIN },
  "HEAD of a list of one block": { method: "HEAD", path: "/one", text: "", answered: PLAIN },
  "a response without a body": { path: "/no-block", text: "", answered: PLAIN },
  "a tuple of blocks, one of them empty": { path: "/blocks", text: "first second third" },
  "an iterator with Content-Length": {
    path: "/counted",
    text: "hello world",
    answered: { "content-length": ["11"] },
  },
  "HEAD of an iterator with Content-Length": {
    method: "HEAD",
    path: "/counted",
    text: "",
    answered: { "content-length": ["11"] },
  },
  "a generator with empty blocks": { path: "/generator", text: "ab" },
  "start_response in the generator": { path: "/late", text: "late" },
  "204 has no body": {
    path: "/no-content",
    status: 204,
    text: "",
    answered: { "x-form": ["empty"] },
  },
  "304 keeps its ETag": {
    path: "/not-modified",
    status: 304,
    text: "",
    answered: { etag: ['"1"'] },
  },
  "404 of the application": { path: "/lost", status: 404, text: "no such form\n" },
  "a reason of its own": {
    path: "/reason",
    status: 418,
    reason: "Short and stout",
    text: "tip me over",
  },
  "write() before the body": { path: "/written", text: "written, twice, and returned" },
  "write() alone": { path: "/only-written", text: "nothing but this" },
  "start_response again with exc_info, before the body": {
    path: "/replaced",
    status: 503,
    text: "replaced",
    answered: { "x-first": [], "x-second": ["2"] },
  },
  "start_response again with exc_info, after an empty block": {
    path: "/replaced-late",
    status: 503,
    text: "replaced in the body",
    answered: { "x-first": [], "x-second": ["2"] },
  },
  "start_response again with exc_info, after a block": {
    path: "/thrown-back",
    breaks: "RuntimeError: too late",
    logged: ["thrown back, the same: True"],
  },
  "repeated headers of a response": {
    path: "/headers",
    text: "",
    answered: { "set-cookie": ["a=1; Path=/", "b=2, c"], "x-twice": ["one", "two"] },
  },
  "a header of a response in Latin-1": { path: "/headers", answered: { "x-latin": ["caf\u00e9"] } },
  "an iterable of its own is closed": {
    path: "/closing",
    text: "to be closed",
    logged: ["closed"],
  },
  "HEAD closes the iterable": { method: "HEAD", path: "/closing", text: "", logged: ["closed"] },
  "wsgi.file_wrapper": { path: "/wrapped", text: "a file in pieces", logged: ["file closed"] },
  "wsgi.errors": {
    path: "/log",
    text: "logged",
    logged: ["a line, \u2192 and \u00e9", "two pieces"],
  },
  "a body read in pieces, and past its end": {
    method: "POST",
    path: "/read",
    body: UPLOAD,
    text: UPLOAD.toString("latin1"),
    answered: { "x-after": ["[b'', b'', [], []]"] },
  },
  "a body in chunks, read in pieces, and past its end": {
    method: "POST",
    path: "/read",
    body: inPieces(UPLOAD),
    text: UPLOAD.toString("latin1"),
    answered: { "x-after": ["[b'', b'', [], []]"] },
  },
  "no body, read": { path: "/read", text: "", answered: { "x-after": ["[b'', b'', [], []]"] } },
  "a body read by lines": {
    method: "PUT",
    path: "/lines",
    body: Buffer.from("one\ntwo\nthree\n\nfive\nsix"),
    text: '["one\\n", "two", "\\n", "three\\n", "\\n", "five\\n", "six"]',
  },
  "a body read while the answer is sent": {
    method: "POST",
    path: "/input-in-body",
    body: UPLOAD,
    text: `<${UPLOAD.toString("latin1")}>`,
  },
  "a body that nobody reads": {
    method: "POST",
    path: "/unread",
    body: Buffer.alloc(10_000),
    text: "not read",
  },
  "environ of a GET": {
    path: "/environ?",
    environ: {
      REQUEST_METHOD: "GET",
      SCRIPT_NAME: "",
      PATH_INFO: "/environ",
      QUERY_STRING: "",
      "wsgi.version": [1, 0],
    },
  },
  "environ of a path and a query": {
    path: "/environ/caf%C3%A9/a%2Fb;c=1/+?x=%C3%A9&y&x=1+2",
    environ: {
      PATH_INFO: "/environ/caf\u00c3\u00a9/a/b;c=1/+",
      QUERY_STRING: "x=%C3%A9&y&x=1+2",
    },
  },
  "environ of headers": {
    method: "DELETE",
    path: "/environ",
    headers: [
      ["Accept", "text/html;q=0.5, */*"],
      ["Cookie", "a=1; b=2"],
      ["Authorization", "Basic dXNlcjpwYXNz"],
      ["X-Some-Header", "a  b"],
    ],
    environ: {
      REQUEST_METHOD: "DELETE",
      HTTP_ACCEPT: "text/html;q=0.5, */*",
      HTTP_COOKIE: "a=1; b=2",
      HTTP_AUTHORIZATION: "Basic dXNlcjpwYXNz",
      HTTP_X_SOME_HEADER: "a  b",
    },
  },
  "environ of a body": {
    method: "PATCH",
    path: "/environ",
    headers: [
      ["Content-Type", "text/x; charset=utf-8"],
      ["Content-Length", "3"],
    ],
    body: Buffer.from("abc"),
    environ: {
      REQUEST_METHOD: "PATCH",
      CONTENT_TYPE: "text/x; charset=utf-8",
      CONTENT_LENGTH: "3",
    },
  },
  "OPTIONS of a path": {
    method: "OPTIONS",
    path: "/environ",
    environ: { REQUEST_METHOD: "OPTIONS" },
  },
};

function inPieces(bytes: Buffer): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      for (let at = 0; at < bytes.length; at += 3333) {
        yield bytes.subarray(at, at + 3333);
      }
    },
  };
}
