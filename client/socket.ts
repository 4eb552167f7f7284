import type { Acceptance, WebSocketData, WebSocketSession } from "../core/mod.ts";

/** The client's end of a WebSocket. */
export interface ClientSocket {
  /** `""` if the application has chosen none. */
  readonly subprotocol: string;
  /** Those that the application has accepted with. */
  readonly headers: Headers;
  /**
   * Sends a message. Resolves when `message` is over, which need not be waited for.
   *
   * @throws What `message` throws; `TypeError` if the connection is over.
   */
  send(data: WebSocketData): Promise<void>;
  /**
   * The next message of the application, also after the end.
   *
   * @throws {TypeError} If the connection is over, and nothing is left.
   */
  receive(): Promise<WebSocketData>;
  /**
   * Closes. Resolves when `disconnect` is over.
   *
   * @param code Default: none, of which `disconnect` is told 1005.
   * @throws What `disconnect` throws.
   */
  close(code?: number, reason?: string): Promise<void>;
  /** Vanishes, of which `disconnect` is told 1006. As `close` otherwise. */
  leave(): Promise<void>;
  /** Resolves at the end, whoever has ended it. */
  readonly closed: Promise<ClosedSocket>;
}

/** How a WebSocket has ended: 1005 for no code, 1006 for no closing handshake. */
export interface ClosedSocket {
  /** What `CloseEvent` of a browser has. */
  readonly code: number;
  /** `""` for none. */
  readonly reason: string;
}

/** What a client knows of its sockets. */
export interface SocketOwner {
  /** The handlers' error that nobody was told of yet. */
  takeFailure(session: WebSocketSession): { readonly error: unknown } | undefined;
  /** The application has closed: nobody waits for what follows but `close` of the client. */
  waitFor(handled: Promise<void>): void;
  /** Nobody's peer any more. */
  over(session: WebSocketSession): void;
  /** Throws for an attachment that could not be stored, where that is watched. */
  keep(attachment: unknown): void;
}

/** Opens a session, its transport being the memory of this process. */
export function openSocket(
  session: WebSocketSession,
  { subprotocol = "", headers }: Acceptance,
  owner: SocketOwner,
): ClientSocket {
  const inbox: WebSocketData[] = [];
  const { promise: closed, resolve: tellClosed } = Promise.withResolvers<ClosedSocket>();
  let isOver = false;
  let waiting: PromiseWithResolvers<void> | undefined;
  const wake = (): void => {
    waiting?.resolve();
    waiting = undefined;
  };

  const end = async (code: number, reason: string): Promise<void> => {
    if (!isOver) {
      isOver = true;
      owner.over(session);
      tellClosed({ code, reason });
      wake();
      await settle(session.ended(code, reason));
    }
  };
  const settle = async (handled: void | Promise<void>): Promise<void> => {
    await handled;
    const failure = owner.takeFailure(session);
    if (failure !== undefined) {
      throw failure.error;
    }
  };
  session.open({
    send(data) {
      inbox.push(copy(data));
      wake();
    },
    close: (code, reason) => owner.waitFor(end(code, reason)),
    keep: (attachment) => owner.keep(attachment),
  });

  return {
    subprotocol,
    headers: new Headers(headers),
    closed,
    async send(data) {
      if (isOver) {
        throw new TypeError("send: the connection is over");
      }
      await settle(session.receive(copy(data)));
    },
    async receive() {
      for (;;) {
        const message = inbox.shift();
        if (message !== undefined) {
          return message;
        }
        if (isOver) {
          const { code, reason } = await closed;
          throw new TypeError(`receive: the connection is over: ${code} ${JSON.stringify(reason)}`);
        }
        waiting ??= Promise.withResolvers();
        await waiting.promise;
      }
    },
    close: (code = 1005, reason = "") => end(code, reason),
    leave: () => end(1006, ""),
  };
}

/** As a network would: what becomes of the bytes afterwards is not seen on the other side. */
function copy(data: WebSocketData): WebSocketData {
  return typeof data === "string" ? data : data.slice();
}
