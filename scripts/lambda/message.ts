// HTTP messages as a gateway has them.

/** A field: its name as it was sent, its value as text. */
export type Field = readonly [name: string, value: string];

/** A request as a gateway has received it, whole. */
export interface HttpRequest {
  readonly method: string;
  /** As in the request line, before the first question mark. */
  readonly path: string;
  /** As in the request line, behind it; `""` if there is none. */
  readonly query: string;
  readonly headers: readonly Field[];
  readonly body: Buffer;
  readonly address: string;
  /** Milliseconds. */
  readonly time: number;
  readonly id: string;
}

/** A response as a gateway sends it. */
export interface HttpResponse {
  readonly status: number;
  /** Default: the usual one. */
  readonly reason?: string;
  readonly headers: readonly Field[];
  readonly body: Buffer;
}

/** Where clients reach the gateway. */
export interface Site {
  readonly domain: string;
  readonly scheme: "http" | "https";
  readonly port: string;
  /** The stage of an API; default: one that does not show in the path. */
  readonly stage?: string;
}

/** What a gateway answers itself. */
export class Refusal extends Error {
  readonly status: number;

  /** @param message For whoever runs the emulator; the client gets what AWS would say. */
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
