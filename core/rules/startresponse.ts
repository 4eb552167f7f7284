import { isHopByHop, parseLength, TOKEN } from "../headers.ts";
import { parseStatus } from "../status.ts";
import type { HeaderList } from "../types.ts";
import { type RuleTable, shown, typed } from "./rule.ts";

const CALLABLE = "PEP 3333, The start_response() Callable";
const UNICODE = "PEP 3333, Unicode Issues";

/** `startResponse`: its call, the status, the headers. */
export const startResponseRules: Pick<
  RuleTable,
  "startResponse" | "started" | "status" | "headers" | "field" | "head" | "list"
> = {
  startResponse: [
    {
      id: "L41",
      level: "error",
      by: "application",
      text: "startResponse takes two or three positional arguments.",
      fix: "call startResponse(status, headers) or startResponse(status, headers, error)",
      source: CALLABLE,
      check: ({ parameters: { length } }) =>
        length === 2 || length === 3
          ? undefined
          : `startResponse was called with ${length} ${length === 1 ? "argument" : "arguments"}`,
    },
    {
      id: "L65",
      level: "error",
      by: "application",
      text: "The third argument is the error being handled: an Error, a triple (type, error, traceback) or { error }.",
      fix: "pass what was caught, or leave the argument out",
      source: CALLABLE,
      check: ({ parameters: [, , error] }) =>
        isErrorForm(error) ? undefined : `the third argument of startResponse is ${typed(error)}`,
    },
    {
      id: "L66",
      level: "error",
      by: "application",
      text: "startResponse is called again only with an error, even if the first call failed.",
      fix: "call it once, or pass the error as third argument",
      source: CALLABLE,
      check: ({ parameters: [, , error], called }) =>
        called && (error === undefined || error === null)
          ? "startResponse was called a second time without an error"
          : undefined,
    },
  ],
  started: [
    {
      id: "S7",
      level: "error",
      by: "gateway",
      text: "startResponse returns write, a function, at each of its calls.",
      fix: "return write(chunk), also when an error is reported",
      source: CALLABLE,
      check: ({ write }) =>
        typeof write === "function" ? undefined : `startResponse returned ${typed(write)}`,
    },
  ],
  status: [
    {
      id: "L42",
      level: "error",
      by: "application",
      text: "The status is a string.",
      fix: 'write "200 OK"',
      source: CALLABLE,
      check: ({ status }) =>
        typeof status === "string" ? undefined : `the status is ${shown(status)}`,
    },
    {
      id: "L43",
      level: "error",
      by: "application",
      text: "The status begins with a code of three digits from 200 to 599.",
      fix: 'write "200 OK"; 1xx and codes from 600 cannot be sent as a final status',
      source: "PEP 3333, The start_response() Callable; RFC 9110 §15",
      check: ({ status }) =>
        typeof status !== "string" || /^[2-5][0-9]{2}(?![0-9])/.test(status)
          ? undefined
          : `the status is ${shown(status)}`,
    },
    {
      id: "L44",
      level: "error",
      by: "application",
      text: "One space and a reason follow the code; the reason may be empty.",
      fix: 'write "200 OK"',
      source: CALLABLE,
      check: ({ status }) =>
        // Whatever else makes the gateway refuse it has a rule of its own.
        typeof status !== "string" ||
        !/^[0-9]{3}/.test(status) ||
        CONTROL.test(status) ||
        WIDE.test(status) ||
        isStatus(`200${status.slice(3)}`)
          ? undefined
          : `the status is ${shown(status)}`,
    },
    {
      id: "L45",
      level: "error",
      by: "application",
      text: "The status holds no control character: CR LF would split the response.",
      fix: "leave them out",
      source: CALLABLE,
      check: ({ status }) =>
        typeof status === "string" && CONTROL.test(status)
          ? `the status ${shown(status)} holds a control character`
          : undefined,
    },
    {
      id: "L55",
      level: "error",
      by: "application",
      text: "The status holds no character above U+00FF.",
      fix: "use ASCII",
      source: UNICODE,
      check: ({ status }) =>
        typeof status === "string" && WIDE.test(status)
          ? `the status ${shown(status)} holds a character above U+00FF`
          : undefined,
    },
  ],
  headers: [
    {
      id: "L46",
      level: "error",
      by: "application",
      text: "The headers are an array, which the gateway may change.",
      fix: "pass a new array of [name, value] pairs; of a Headers object or a Map, [...headers]",
      source: CALLABLE,
      check({ headers }) {
        if (!Array.isArray(headers)) {
          return `headers is ${typed(headers)}`;
        }
        return Object.isFrozen(headers) ? "headers is frozen" : undefined;
      },
    },
  ],
  field: [
    {
      id: "L47",
      level: "error",
      by: "application",
      text: "Every header is a pair, an array of name and value.",
      fix: 'write ["Content-Type", "text/plain"]',
      source: CALLABLE,
      check({ index, field }) {
        if (!Array.isArray(field)) {
          return `headers[${index}] is ${typed(field)}`;
        }
        return field.length === 2 ? undefined : `headers[${index}] is an array of ${field.length}`;
      },
    },
    {
      id: "L48",
      level: "error",
      by: "application",
      text: "Header names and values are strings.",
      fix: 'write each as a string: ["Content-Length", "5"]',
      source: CALLABLE,
      check({ index, field }) {
        const wrong = pairOf(field)?.findIndex((part) => typeof part !== "string") ?? -1;
        const part = wrong === 0 ? "name" : "value";
        return wrong === -1
          ? undefined
          : `the ${part} of headers[${index}] is ${shown(pairOf(field)?.[wrong])}`;
      },
    },
    {
      id: "L49",
      level: "error",
      by: "application",
      text: "Status is no header.",
      fix: "give the status as the first argument",
      source: CALLABLE,
      check: ({ index, field }) =>
        nameOf(field) === "status" ? `headers[${index}] is ${shown("Status")}` : undefined,
    },
    {
      id: "L50",
      level: "error",
      by: "application",
      text: "A header name holds no colon and no line end.",
      fix: "give the name alone",
      source: CALLABLE,
      check: ({ field }) => wrongName(field, (name) => /[:\r\n]/.test(name)),
    },
    {
      id: "L51",
      level: "error",
      by: "application",
      text: "A header name is a token.",
      fix: "use letters, digits and dashes",
      source: "RFC 9110 §5.1",
      check: ({ field }) => wrongName(field, (name) => !/[:\r\n]/.test(name) && !TOKEN.test(name)),
    },
    {
      id: "L51b",
      level: "warning",
      by: "application",
      text: "A header name of anything but letters, digits and dashes is lost on some servers.",
      fix: "use letters, digits and dashes",
      source: "RFC 9110 §16.3.1",
      check: ({ field }) =>
        wrongName(field, (name) => TOKEN.test(name) && !/^[A-Za-z0-9-]+$/.test(name)),
    },
    {
      id: "L52",
      level: "warning",
      by: "application",
      text: "A header name does not end with a dash or an underscore.",
      fix: "leave it out",
      source: "RFC 9110 §16.3.1",
      check: ({ field }) => wrongName(field, (name) => /[-_]$/.test(name)),
    },
    {
      id: "L54",
      level: "error",
      by: "application",
      text: "A header value holds no control character: CR LF would begin a header of its own.",
      fix: "leave them out, and never put a client's text into a header unchecked",
      source: "PEP 3333, The start_response() Callable; RFC 9110 §5.5",
      check: ({ field }) => wrongValue(field, (value) => CONTROL.test(value.replaceAll("\t", ""))),
    },
    {
      id: "L54b",
      level: "warning",
      by: "application",
      text: "A header value holds no tab, which PEP 3333 forbids and HTTP allows.",
      fix: "use a space",
      source: CALLABLE,
      check: ({ field }) => wrongValue(field, (value) => value.includes("\t")),
    },
    {
      id: "L55b",
      level: "error",
      by: "application",
      text: "A header value holds no character above U+00FF.",
      fix: "encode the text as UTF-8 and give each byte as one character, or use RFC 8187",
      source: UNICODE,
      check: ({ field }) => wrongValue(field, (value) => WIDE.test(value)),
    },
    {
      id: "L56",
      level: "warning",
      by: "application",
      text: "A header value has no white space around it: it would be lost on the way.",
      fix: "leave it out",
      source: "RFC 9110 §5.5",
      check: ({ field }) => wrongValue(field, (value) => /^[\t ]|[\t ]$/.test(value)),
    },
    {
      id: "L57",
      level: "error",
      by: "application",
      text: "No header belongs to the connection (Connection, Transfer-Encoding, Upgrade and the like).",
      fix: "leave it out: the connection is the gateway's affair",
      source: "PEP 3333, Other HTTP Features; RFC 9110 §7.6.1",
      check: ({ field }) => wrongName(field, isHopByHop),
    },
    {
      id: "L61",
      level: "error",
      by: "application",
      text: "Content-Length is a number of bytes in digits.",
      fix: "give String(bytes.length)",
      source: "RFC 9110 §8.6",
      check: ({ field }) =>
        nameOf(field) === "content-length"
          ? wrongValue(field, (value) => parseLength(value) === undefined)
          : undefined,
    },
    {
      id: "L64",
      level: "warning",
      by: "application",
      text: "A Set-Cookie sets one cookie: two cannot be joined with a comma.",
      fix: "give a pair for each cookie",
      source: "RFC 6265 §3",
      check: ({ field }) =>
        nameOf(field) === "set-cookie"
          ? wrongValue(field, (value) => /,[\t ]*[!#$%&'*+\-.^_`|~0-9A-Za-z]+=/.test(value))
          : undefined,
    },
    {
      id: "L69",
      level: "error",
      by: "application",
      text: "Headers that begin with dram. or rack. are private, and not to be sent.",
      fix: "leave it out",
      source: "Rack SPEC; dram",
      check: ({ field }) => wrongName(field, (name) => /^(?:rack|dram)\./i.test(name)),
    },
  ],
  head: [
    {
      id: "L59",
      level: "error",
      by: "application",
      text: "A response without a body (204, 304) has no Content-Type.",
      fix: "leave it out",
      source: "RFC 9110 §15.3.5, §15.4.5",
      check: ({ code, headers }) =>
        (code === 204 || code === 304) && count(headers, "content-type") > 0
          ? `a ${code} response has a Content-Type`
          : undefined,
    },
    {
      id: "L60",
      level: "error",
      by: "application",
      text: "A 204 response has no Content-Length.",
      fix: "leave it out",
      source: "RFC 9110 §8.6",
      check: ({ code, headers }) =>
        code === 204 && count(headers, "content-length") > 0
          ? "a 204 response has a Content-Length"
          : undefined,
    },
    {
      id: "L60b",
      level: "warning",
      by: "application",
      text: "Not every platform can send the Content-Length of a 304 response.",
      fix: "leave it out",
      source: "RFC 9110 §8.6",
      check: ({ code, headers }) =>
        code === 304 && count(headers, "content-length") > 0
          ? "a 304 response has a Content-Length"
          : undefined,
    },
    {
      id: "L61b",
      level: "error",
      by: "application",
      text: "Content-Length is given once.",
      fix: "give one",
      source: "RFC 9110 §8.6",
      check: ({ headers }) =>
        count(headers, "content-length") > 1 ? "headers has two Content-Length" : undefined,
    },
    {
      id: "L63",
      level: "warning",
      by: "application",
      text: "A header that can have one value only is given once.",
      fix: "give one",
      source: "RFC 9110 §5.3",
      check({ headers }) {
        const name = SINGLE.find((single) => count(headers, single) > 1);
        return name === undefined ? undefined : `headers has two ${shown(name)}`;
      },
    },
  ],
  list: [
    {
      id: "L68",
      level: "warning",
      by: "application",
      text: "The header list is left alone after the call: the gateway has copied it.",
      fix: "change the list before startResponse is called",
      source: "dram",
      check({ given, now }) {
        const changed =
          given.length !== now.length ||
          given.some(([name, value], index) => {
            const pair = now[index];
            return pair?.[0] !== name || pair[1] !== value;
          });
        return changed ? "the header list was changed after startResponse had it" : undefined;
      },
    },
  ],
};

const CONTROL = /[\0-\x1f\x7f]/;
const WIDE = /[^\0-\xff]/;

// Content-Length has a rule of its own.
const SINGLE = [
  "age",
  "content-disposition",
  "content-location",
  "content-range",
  "content-type",
  "date",
  "etag",
  "expires",
  "last-modified",
  "location",
  "retry-after",
];

/** The two parts of a pair; what is no pair is L47's. */
function pairOf(field: unknown): readonly unknown[] | undefined {
  return Array.isArray(field) && field.length === 2 ? field : undefined;
}

/** In lower case. */
function nameOf(field: unknown): string | undefined {
  const name = pairOf(field)?.[0];
  return typeof name === "string" ? name.toLowerCase() : undefined;
}

function wrongName(field: unknown, isWrong: (name: string) => boolean): string | undefined {
  const name = pairOf(field)?.[0];
  return typeof name === "string" && isWrong(name)
    ? `the header name is ${shown(name)}`
    : undefined;
}

function wrongValue(field: unknown, isWrong: (value: string) => boolean): string | undefined {
  const [name, value] = pairOf(field) ?? [];
  return typeof value === "string" && isWrong(value)
    ? `the value of ${shown(name)} is ${shown(value)}`
    : undefined;
}

function count(headers: HeaderList, lowerName: string): number {
  return headers.filter(([name]) => name.toLowerCase() === lowerName).length;
}

function isStatus(status: string): boolean {
  try {
    parseStatus(status);
    return true;
  } catch {
    return false;
  }
}

function isErrorForm(error: unknown): boolean {
  return (
    error === undefined ||
    error === null ||
    (Array.isArray(error) && error.length === 3) ||
    error instanceof Error ||
    (typeof error === "object" && ("error" in error || isForeignError(error)))
  );
}

/** An Error of another realm, or a DOMException. */
function isForeignError(value: object): boolean {
  return /^\[object (?:Error|DOMException)\]$/.test(Object.prototype.toString.call(value));
}
