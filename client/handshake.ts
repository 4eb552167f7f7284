/** What a WebSocket is asked for with, beside what every request may have. */
export interface ClientWebSocketInit {
  /** In order of preference. */
  readonly subprotocols?: readonly string[];
  /** Over those of the client. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Keys of environ for this handshake, over all others. */
  readonly environ?: Readonly<Record<string, unknown>>;
}

/** The application has not accepted a WebSocket. */
export class WebSocketDeniedError extends Error {
  /** As errors have it. */
  override name = "WebSocketDeniedError";
  /** What it has answered instead. */
  readonly response: Response;

  /**
   * Leaves the response to whoever catches it.
   *
   * @param response Its body is still to be read.
   */
  constructor(response: Response) {
    super(`the WebSocket was denied: ${response.status} ${response.statusText}`);
    this.response = response;
  }
}

/** The fields of a client's handshake (RFC 6455 §4.1). */
export function handshakeFields({ subprotocols = [], headers }: ClientWebSocketInit): Headers {
  const fields = new Headers(headers);
  const key = crypto.getRandomValues(new Uint8Array(16));
  fields.set("connection", "Upgrade");
  fields.set("upgrade", "websocket");
  fields.set("sec-websocket-key", btoa(String.fromCharCode(...key)));
  fields.set("sec-websocket-version", "13");
  if (subprotocols.length > 0) {
    fields.set("sec-websocket-protocol", subprotocols.join(", "));
  }
  return fields;
}
