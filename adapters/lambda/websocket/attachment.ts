import { DramError, describe } from "../../../core/mod.ts";

/**
 * Where `connection.attachment` lives from one invocation to the next: JSON text by connection. API
 * Gateway tells of most ends of connections, not of all, so let entries expire: none lives longer than
 * two hours. For tests, `new Map()` is one.
 */
export interface AttachmentStore {
  /** Nothing for a connection that has none. */
  get(connectionId: string): Awaitable<string | null | undefined>;
  /** Waited for before the invocation ends. */
  set(connectionId: string, json: string): Awaitable<unknown>;
  /** Called when a connection has ended, and may have nothing to delete. */
  delete(connectionId: string): Awaitable<unknown>;
}

/** A store may answer at once or later. */
export type Awaitable<Value> = Value | Promise<Value>;

/** The attachment of a connection during one invocation. */
export class Attachment {
  readonly #store: AttachmentStore | undefined;
  readonly #id: string;
  #stored: string | undefined;

  constructor(store: AttachmentStore | undefined, id: string) {
    this.#store = store;
    this.#id = id;
  }

  async load(): Promise<unknown> {
    const text = await this.#store?.get(this.#id);
    this.#stored = text ?? undefined;
    return this.#stored === undefined ? undefined : JSON.parse(this.#stored);
  }

  /**
   * Stores what has changed.
   *
   * @throws {DramError} `ERR_OPTION` without a store; `ERR_ATTACHMENT` for what is no JSON.
   */
  async save(value: unknown): Promise<void> {
    if (value === undefined) {
      if (this.#stored !== undefined) {
        await this.delete();
      }
      return;
    }
    if (this.#store === undefined) {
      throw new DramError(
        "ERR_OPTION",
        "an attachment was set, and each event of a connection on API Gateway is an invocation of its own; give webSocketApi the option store",
      );
    }
    const text = toJson(value);
    if (text !== this.#stored) {
      await this.#store.set(this.#id, text);
      this.#stored = text;
    }
  }

  async delete(): Promise<void> {
    await this.#store?.delete(this.#id);
    this.#stored = undefined;
  }
}

function toJson(value: unknown): string {
  let cause: unknown;
  try {
    const text: string | undefined = JSON.stringify(value);
    if (text !== undefined) {
      return text;
    }
  } catch (error) {
    cause = error;
  }
  throw new DramError(
    "ERR_ATTACHMENT",
    `the attachment is ${describe(value)}; wanted what JSON can hold`,
    { cause },
  );
}
