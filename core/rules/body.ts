import { isBytes } from "../bytes.ts";
import { DramError } from "../errors.ts";
import { checkBody } from "../returned.ts";
import { mayHaveBody } from "../status.ts";
import { isThenable } from "../thenable.ts";
import { type RuleTable, typed } from "./rule.ts";

const DETAILS = "PEP 3333, Specification Details";
const CALLABLE = "PEP 3333, The start_response() Callable";
const WRITE = "PEP 3333, The write() Callable";
const BLOCKS = "PEP 3333, Middleware Handling of Block Boundaries";

/** The body: what is returned, yielded and written, and how it is iterated and closed. */
export const bodyRules: Pick<
  RuleTable,
  | "body"
  | "chunk"
  | "proceed"
  | "length"
  | "end"
  | "returned"
  | "iteration"
  | "step"
  | "pace"
  | "close"
  | "earlier"
> = {
  body: [
    {
      id: "L70",
      level: "error",
      by: "application",
      text: "An application returns an iterable or async iterable of chunks, always.",
      fix: "return [] for no body",
      source: DETAILS,
      check: ({ body }) =>
        isBareContent(body) || isOfAnotherInterface(body) || isBody(body)
          ? undefined
          : `the application returned ${typed(body)}`,
    },
    {
      id: "L71",
      level: "error",
      by: "application",
      text: "A string or bytes alone are no body, though JavaScript can iterate them.",
      fix: "return text(string), or [bytes]",
      source: DETAILS,
      check: ({ body }) =>
        isBareContent(body) ? `the application returned ${typed(body)}` : undefined,
    },
    {
      id: "L72",
      level: "error",
      by: "application",
      text: "The body is nobody else's: no Response, no locked ReadableStream, no stream that flows already.",
      fix: "of a Response, give status and headers to startResponse and return its body; let nobody read a stream before",
      source: "dram",
      check({ body }) {
        if (isOfAnotherInterface(body)) {
          return `the application returned ${typed(body)}`;
        }
        return isTaken(body)
          ? `the application returned ${typed(body)} that is being read`
          : undefined;
      },
    },
  ],
  chunk: [
    {
      id: "L73",
      level: "error",
      by: "application",
      text: "Chunks are bytes, Uint8Array.",
      fix: "encode the text, or return text(string); of an ArrayBuffer, new Uint8Array(buffer)",
      source: DETAILS,
      check: ({ via, chunk }) =>
        via === "body" && !isBytes(chunk) && !isThenable(chunk)
          ? `a chunk is ${typed(chunk)}`
          : undefined,
    },
    {
      id: "L74",
      level: "error",
      by: "application",
      text: "startResponse has been called before the first chunk with bytes.",
      fix: "call startResponse(status, headers) first",
      source: CALLABLE,
      check: ({ chunk, code }) =>
        code === undefined && isBytes(chunk) && chunk.length > 0
          ? `${chunk.length} bytes came before a successful startResponse`
          : undefined,
    },
    {
      id: "L74b",
      level: "warning",
      by: "application",
      text: "startResponse has been called before the first chunk of any size.",
      fix: "call startResponse(status, headers) first",
      source: CALLABLE,
      check: ({ chunk, code }) =>
        code === undefined && isBytes(chunk) && chunk.length === 0
          ? "an empty chunk came before startResponse"
          : undefined,
    },
    {
      id: "L83",
      level: "warning",
      by: "application",
      text: "A body is not generated for HEAD, which drops it. (An array or a text is welcome: its length is kept.)",
      fix: "yield nothing if REQUEST_METHOD is HEAD",
      source: "RFC 9110 §9.3.2",
      check: ({ chunk, forHead }) =>
        forHead && isBytes(chunk) && chunk.length > 0
          ? `${chunk.length} bytes were produced for HEAD`
          : undefined,
    },
    {
      id: "L84",
      level: "error",
      by: "application",
      text: "A response with status 204, 205 or 304 has no body.",
      fix: "return []",
      source: "RFC 9110 §6.4.1, §15.3.6",
      check: ({ chunk, code }) =>
        code !== undefined && !mayHaveBody(code, false) && isBytes(chunk) && chunk.length > 0
          ? `${chunk.length} bytes were produced with status ${code}`
          : undefined,
    },
    {
      id: "L85",
      level: "error",
      by: "application",
      text: "write takes bytes, Uint8Array.",
      fix: "encode the text",
      source: WRITE,
      check: ({ via, chunk }) =>
        via === "write" && !isBytes(chunk) ? `write was given ${typed(chunk)}` : undefined,
    },
    {
      id: "L86",
      level: "warning",
      by: "application",
      text: "write is there for what was written for it, and for an empty chunk, which sends the headers; a new application returns its body.",
      fix: "yield the chunks from an async generator",
      source: WRITE,
      check: ({ via, chunk }) =>
        via === "write" && !(isBytes(chunk) && chunk.length === 0) ? "write was called" : undefined,
    },
    {
      id: "L87",
      level: "error",
      by: "application",
      text: "write is not called from inside the body that was returned.",
      fix: "yield the chunk",
      source: WRITE,
      check: ({ via, during }) =>
        via === "write" && during ? "write was called while the body was iterated" : undefined,
    },
    {
      id: "L90",
      level: "error",
      by: "application",
      text: "Chunks are not promises.",
      fix: "await them, in an async generator",
      source: "dram",
      check: ({ via, chunk }) =>
        via === "body" && isThenable(chunk) ? `a chunk is ${typed(chunk)}` : undefined,
    },
  ],
  proceed: [
    {
      id: "L67",
      level: "error",
      by: "application",
      text: "What startResponse throws when it is given an error is never caught.",
      fix: "let it pass: the headers have left, and only the gateway can end the response now",
      source: CALLABLE,
      check: ({ swallowed }) =>
        swallowed === undefined
          ? undefined
          : "the application went on after startResponse(status, headers, error) had thrown",
    },
  ],
  length: [
    {
      id: "L62",
      level: "error",
      by: "application",
      text: "The body has as many bytes as Content-Length announces. (No bytes at all are right for HEAD and 304.)",
      fix: "count the bytes, not the characters; or leave Content-Length out",
      source: "PEP 3333, Handling the Content-Length Header",
      check({ produced, announced, ended, bodiless }) {
        if (announced === undefined || (bodiless && produced === 0)) {
          return undefined;
        }
        return produced > announced || (ended && produced < announced)
          ? `Content-Length is ${announced}, and the body has ${ended ? "" : "at least "}${produced} bytes`
          : undefined;
      },
    },
  ],
  end: [
    {
      id: "L58",
      level: "warning",
      by: "application",
      text: "A response with a body has a Content-Type: some platforms invent one.",
      fix: 'add ["Content-Type", "text/plain; charset=utf-8"]',
      source: "RFC 9110 §8.3",
      check: ({ produced, contentType }) =>
        produced > 0 && contentType === undefined
          ? `a body of ${produced} bytes has no Content-Type`
          : undefined,
    },
    {
      id: "L75",
      level: "error",
      by: "application",
      text: "startResponse is called, successfully, by the end of the body.",
      fix: "call startResponse(status, headers)",
      source: CALLABLE,
      check: ({ code }) =>
        code === undefined ? "the body ended without a successful startResponse" : undefined,
    },
    {
      id: "L91",
      level: "warning",
      by: "application",
      text: "An application does its own buffering: many tiny chunks are slow. (An event stream is not meant.)",
      fix: "join them before they are yielded",
      source: "PEP 3333, Buffering and Streaming",
      check: ({ produced, chunks, contentType = "" }) =>
        chunks > 100 &&
        produced / chunks < 64 &&
        !contentType.toLowerCase().startsWith("text/event-stream")
          ? `${chunks} chunks had ${Math.round(produced / chunks)} bytes on average`
          : undefined,
    },
  ],
  returned: [
    {
      id: "L88",
      level: "warning",
      by: "application",
      text: "Every write is awaited before the application returns.",
      fix: "await write(chunk)",
      source: "dram",
      check: ({ pendingWrites }) =>
        pendingWrites > 0
          ? `${pendingWrites} of the writes had not been taken when the application returned`
          : undefined,
    },
  ],
  iteration: [
    {
      id: "L76",
      level: "error",
      by: "gateway",
      text: "A body is iterated once.",
      fix: "keep the chunks if they are wanted again",
      source: DETAILS,
      check: ({ times }) =>
        times > 1 ? `the body's iterator was asked for ${times} times` : undefined,
    },
  ],
  step: [
    {
      id: "L77",
      level: "error",
      by: "gateway",
      text: "A body is not iterated after it was closed.",
      fix: "close it when no chunk is wanted any more",
      source: DETAILS,
      check: ({ closed }) =>
        closed ? "a chunk was asked for after close() had been called" : undefined,
    },
    {
      id: "L81",
      level: "warning",
      by: "middleware",
      text: "A middleware returns a body as soon as it has one from below, and iterates it later.",
      fix: "return mapBody(body, transform), or an async generator",
      source: BLOCKS,
      check: ({ early }) =>
        early ? "the middleware iterated the body before it returned its own" : undefined,
    },
  ],
  pace: [
    {
      id: "L80",
      level: "warning",
      by: "middleware",
      text: "A middleware yields at least one chunk for each that it takes, an empty one for nothing yet.",
      fix: "yield new Uint8Array(0) where there is nothing to say",
      source: BLOCKS,
      check: ({ taken, given }) =>
        taken > given ? `the middleware took ${taken} chunks and gave ${given}` : undefined,
    },
  ],
  close: [
    {
      id: "L78",
      level: "warning",
      by: "gateway",
      text: "close() is called when the response is done, whatever happens.",
      fix: "call close() of the very object that was returned; closing() and mapBody() do",
      source: DETAILS,
      check: ({ times, waited }) =>
        times === 0
          ? `close() was not called within ${waited} ms after the iteration had stopped`
          : undefined,
    },
    {
      id: "L79",
      level: "warning",
      by: "gateway",
      text: "close() is called once.",
      fix: "remember that it was",
      source: DETAILS,
      check: ({ times }) => (times > 1 ? `close() was called ${times} times` : undefined),
    },
  ],
  earlier: [
    {
      id: "L89",
      level: "warning",
      by: "application",
      text: "A chunk belongs to the gateway once it is yielded: it is not changed afterwards.",
      fix: "make a new Uint8Array for each chunk",
      source: "dram",
      check: ({ length, changed }) =>
        changed ? `a chunk of ${length} bytes changed when the next was produced` : undefined,
    },
  ],
};

function isBody(value: unknown): boolean {
  try {
    checkBody(value);
    return true;
  } catch (error) {
    if (error instanceof DramError) {
      return false;
    }
    throw error;
  }
}

function isBareContent(value: unknown): boolean {
  return typeof value === "string" || ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}

function isOfAnotherInterface(value: unknown): boolean {
  return Object.prototype.toString.call(value) === "[object Response]";
}

function isTaken(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    (("locked" in value && value.locked === true) ||
      ("readableFlowing" in value && value.readableFlowing === true))
  );
}
