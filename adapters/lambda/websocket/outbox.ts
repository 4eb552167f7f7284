import {
  DramError,
  encodeUtf8,
  explain,
  isDisconnect,
  type WebSocketData,
  type WebSocketTransport,
} from "../../../core/mod.ts";
import { MAX_MESSAGE } from "../limits.ts";
import type { ConnectionClient } from "./client.ts";

/** What an outbox needs of its invocation. */
interface OutboxOptions {
  readonly client: ConnectionClient;
  readonly id: string;
  /** Keeps the invocation from ending before a promise does. */
  waitUntil(promise: Promise<unknown>): void;
  /** Takes what was refused, and why: nobody may be waiting for it. */
  onRefusal(message: string): void;
}

/** One connection's way to its client: calls of the management API, one after the other. */
export class Outbox implements WebSocketTransport {
  readonly #options: OutboxOptions;
  #last: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Whether this side has closed the connection. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  send(data: WebSocketData): Promise<void> {
    if (typeof data !== "string") {
      throw new DramError(
        "ERR_MESSAGE_TYPE",
        "API Gateway has text messages only; send bytes as text, such as base64",
      );
    }
    const size = encodeUtf8(data).length;
    if (size > MAX_MESSAGE) {
      throw new DramError(
        "ERR_MESSAGE_SIZE",
        `the message has ${size} bytes, of the ${MAX_MESSAGE} that API Gateway takes; send a link, or several messages`,
      );
    }
    const { client, id } = this.#options;
    return this.#enqueue(() => client.post(id, data));
  }

  /** API Gateway has no place for a code or a reason. */
  close(): void {
    this.#isClosed = true;
    const { client, id } = this.#options;
    this.#enqueue(() => client.delete(id));
  }

  /** Calls that overlap would arrive in any order. */
  #enqueue(call: () => Promise<void>): Promise<void> {
    const { waitUntil, onRefusal } = this.#options;
    const done = this.#last.then(call).catch((cause: unknown) => {
      throw failure(cause);
    });
    this.#last = done.catch((error: unknown) => {
      if (!isDisconnect(error)) {
        onRefusal(explain(error));
      }
    });
    waitUntil(this.#last);
    return done;
  }
}

/** Of a client of the deployer's, AWS's SDK among them, whose error for 410 has this name. */
function failure(cause: unknown): DramError {
  if (cause instanceof DramError) {
    return cause;
  }
  return cause instanceof Error && cause.name === "GoneException"
    ? new DramError("ERR_CLIENT_DISCONNECTED", "the connection is over", { cause })
    : new DramError("ERR_CONNECTION_API", "the client of webSocketApi has failed", { cause });
}
