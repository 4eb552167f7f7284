import type { HttpRequest, HttpResponse, Site } from "./message.ts";

/** One of AWS's ways from HTTP to a function and back. */
export interface Gateway {
  /** As in AWS's documents. */
  readonly title: string;
  /** A domain as AWS gives them. */
  readonly domain: string;
  /** Bytes of the largest request body. That of Lambda's event, 6 MB, binds all. */
  readonly maxBody: number;
  /** Bytes of request line and header values together, where there is a bound on them. */
  readonly maxHead?: number;
  /** Whether a response that is streamed leaves as it comes. */
  readonly streams: boolean;
  /** @throws {Refusal} For what does not reach a function. */
  toEvent(request: HttpRequest, site: Site): unknown;
  /**
   * The response that a result asks for.
   *
   * @throws {Refusal} 502 for a result that AWS does not take.
   */
  toResponse(result: unknown, request: HttpRequest): HttpResponse;
}
