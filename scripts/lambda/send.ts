import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Outcome } from "./environment.ts";
import type { Gateway } from "./gateway.ts";
import { type Field, type HttpRequest, type HttpResponse, Refusal } from "./message.ts";
import { parseResult } from "./result.ts";

type StreamOutcome = Extract<Outcome, { kind: "stream" }>;

/** The type of a stream that begins with a head: JSON, then eight NUL. */
const INTEGRATION = "application/vnd.awslambda.http-integration-response";

const DELIMITER = Buffer.alloc(8);

/** Sends a response with its length. */
export function sendWhole(
  outgoing: ServerResponse,
  { status, reason, headers, body }: HttpResponse,
): void {
  const bodiless = status === 204 || status === 304 || outgoing.req.method === "HEAD";
  const length: Field[] = bodiless ? [] : [["content-length", String(body.length)]];
  writeHead(outgoing, status, reason, [...headers, ...length]);
  outgoing.end(body);
}

/**
 * Sends a streamed response as it comes ("Configuring a Lambda function to stream responses", 2026-11).
 * A client that leaves does not stop the function, so the stream is read to its end all the same.
 *
 * @param onHead Takes the head as text.
 * @throws {Refusal} 502 for a stream without the head that it announces.
 * @throws {Error} If the function has failed behind the head: a part must not pass for the whole.
 */
export async function sendStream(
  { contentType, body }: StreamOutcome,
  request: HttpRequest,
  gateway: Gateway,
  outgoing: ServerResponse,
  onHead: (head: string) => void,
): Promise<void> {
  const hasHead = contentType === INTEGRATION;
  let head = Buffer.alloc(0);
  for await (const chunk of body) {
    let rest: Buffer = chunk;
    if (!outgoing.headersSent && hasHead) {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf(DELIMITER);
      if (end === -1) {
        continue;
      }
      const text = head.toString("utf8", 0, end);
      rest = head.subarray(end + DELIMITER.length);
      onHead(text);
      const { status, reason, headers } = gateway.toResponse(parseResult(text), request);
      writeHead(outgoing, status, reason, headers);
      // Not flushHeaders(), which would send the head's bytes as UTF-8.
      outgoing.write(Buffer.alloc(0));
    } else if (!outgoing.headersSent) {
      onHead(contentType);
      writeHead(outgoing, 200, undefined, [["content-type", contentType]]);
    }
    if (rest.length > 0 && !outgoing.write(rest)) {
      await drained(outgoing);
    }
  }
  const { "lambda-runtime-function-error-type": failure } = body.trailers;
  if (!outgoing.headersSent && (hasHead || failure !== undefined)) {
    throw new Refusal(502, failure ?? "the stream ended before its head did");
  }
  if (failure !== undefined) {
    throw new Error(`the function failed in the middle of its response: ${failure}`);
  }
  outgoing.end();
}

/** Until the client takes more, or never will. */
function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (outgoing.destroyed) {
      resolve();
      return;
    }
    const done = (): void => {
      outgoing.off("drain", done);
      outgoing.off("close", done);
      resolve();
    };
    outgoing.on("drain", done);
    outgoing.on("close", done);
  });
}

/** @throws {Refusal} 502 for what cannot be sent. */
function writeHead(
  outgoing: ServerResponse,
  status: number,
  reason: string | undefined,
  headers: readonly Field[],
): void {
  const raw = headers.flatMap(([name, value]) => [name, Buffer.from(value).toString("latin1")]);
  try {
    outgoing.writeHead(status, reason ?? STATUS_CODES[status] ?? "", raw);
  } catch (error) {
    throw new Refusal(502, String(error));
  }
}
