import {
  DramError,
  type Environ,
  explain,
  isDisconnect,
  logLine,
  type WebSocketAnswer,
  type WebSocketConnection,
  type WebSocketData,
  type WebSocketHandlers,
} from "../../core/mod.ts";
import { Channel, disconnected } from "./channel.ts";
import { defer, ignore } from "./deferred.ts";
import {
  type AnyEvent,
  asEvent,
  bytesOf,
  countOf,
  flagOf,
  headersOf,
  malformed,
  outOfPlace,
  statusOf,
  textOf,
} from "./events.ts";
import type { StatefulLifespan } from "./lifespan.ts";
import { webSocketScope } from "./scope.ts";
import type { AsgiApplication, AsgiReceiveEvent, WebSocketScope } from "./types.ts";

/**
 * The websocket scope on the event-shaped interface: the application runs from `connect` to
 * `disconnect`, so its platform must keep connections in one process.
 */
export function createHandlers(
  asgi: AsgiApplication,
  lifespan: StatefulLifespan,
): WebSocketHandlers {
  const exchanges = new WeakMap<WebSocketConnection, WebSocketExchange>();
  const exchangeOf = (connection: WebSocketConnection): WebSocketExchange => {
    const exchange = exchanges.get(connection);
    if (exchange === undefined) {
      throw new DramError(
        "ERR_OPTION",
        "an ASGI application runs as long as its WebSocket, and this platform keeps none in one process; use the option websocket",
      );
    }
    return exchange;
  };
  return {
    async connect(connection, environ) {
      await lifespan.startup();
      const exchange = new WebSocketExchange(connection, environ);
      exchanges.set(connection, exchange);
      return exchange.run(asgi, webSocketScope(environ, lifespan.state));
    },
    message: (connection, data) => exchangeOf(connection).message(data),
    disconnect: (connection, code, reason) => exchangeOf(connection).disconnect(code, reason),
  };
}

interface Message {
  readonly data: WebSocketData;
  readonly taken: () => void;
}

class WebSocketExchange {
  readonly #connection: WebSocketConnection;
  readonly #errors: Environ["wsgi.errors"];
  readonly #uri: string;
  readonly #decision = defer<WebSocketAnswer>();
  #step: "connect" | "open" | "denial" | "over" = "connect";
  #task: Promise<void> = Promise.resolve();
  #settled = false;
  #connected = false;
  #messages: Message[] = [];
  #end: { readonly code: number; readonly reason: string } | undefined;
  #wake: (() => void) | undefined;
  #receiving: Promise<unknown> = Promise.resolve();
  #denial: { status: string; headers: [string, string][] } | undefined;
  #channel: Channel | undefined;

  constructor(connection: WebSocketConnection, environ: Environ) {
    this.#connection = connection;
    this.#errors = environ["wsgi.errors"];
    this.#uri = environ.REQUEST_URI;
    // A client that leaves before the decision has ended the connection, too.
    const signal = environ["dram.signal"];
    signal?.addEventListener("abort", () => {
      if (this.#step === "connect") {
        this.#over(1006, "");
      }
    });
  }

  run(asgi: AsgiApplication, scope: WebSocketScope): Promise<WebSocketAnswer> {
    this.#task = this.#call(asgi, scope);
    this.#task.then(
      () => this.#ended(undefined),
      (error: unknown) => this.#ended({ error }),
    );
    return this.#decision.promise;
  }

  async #call(asgi: AsgiApplication, scope: WebSocketScope): Promise<void> {
    await asgi(scope, this.#receive, this.#send);
  }

  /** Resolves when the application has taken the message: until then no further one is read. */
  message(data: WebSocketData): Promise<void> | void {
    if (this.#settled) {
      return;
    }
    return new Promise((taken) => {
      this.#messages.push({ data, taken });
      this.#wake?.();
    });
  }

  /** Resolves when the application has ended. */
  async disconnect(code: number, reason: string): Promise<void> {
    this.#over(code, reason);
    await this.#task.catch(ignore);
  }

  #over(code: number, reason: string): void {
    this.#end ??= { code, reason };
    this.#wake?.();
  }

  readonly #receive = (): Promise<AsgiReceiveEvent> => {
    const event = this.#receiving.then(() => this.#next());
    this.#receiving = event;
    return event;
  };

  async #next(): Promise<AsgiReceiveEvent> {
    if (!this.#connected) {
      this.#connected = true;
      return { type: "websocket.connect" };
    }
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) {
        const { data, taken } = message;
        taken();
        return typeof data === "string"
          ? { type: "websocket.receive", text: data }
          : { type: "websocket.receive", bytes: data };
      }
      if (this.#end !== undefined) {
        return { type: "websocket.disconnect", ...this.#end };
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  readonly #send = async (value: unknown): Promise<void> => {
    const event = asEvent(value);
    if (this.#step === "over" || this.#end !== undefined) {
      throw disconnected();
    }
    switch (`${this.#step} ${event.type}`) {
      case "connect websocket.accept":
        return this.#accept(event);
      case "connect websocket.close":
        this.#step = "over";
        this.#over(1006, "");
        this.#decision.resolve({ status: "403 Forbidden" });
        return;
      case "connect websocket.http.response.start":
        this.#denial = { status: statusOf(event), headers: headersOf(event) };
        this.#step = "denial";
        return;
      case "denial websocket.http.response.body":
        return this.#deny(event);
      case "open websocket.send":
        return this.#connection.send(messageOf(event));
      case "open websocket.close":
        this.#connection.close(countOf(event, "code") ?? 1000, textOf(event, "reason") ?? "");
        this.#step = "over";
        return;
      default:
        throw outOfPlace(event, WANTED[this.#step]);
    }
  };

  #accept(event: AnyEvent): void {
    const subprotocol = textOf(event, "subprotocol");
    const headers = headersOf(event);
    this.#step = "open";
    this.#decision.resolve({ subprotocol, headers });
  }

  async #deny(event: AnyEvent): Promise<void> {
    const chunk = bytesOf(event, "body") ?? new Uint8Array(0);
    const more = flagOf(event, "more_body");
    this.#channel ??= this.#beginDenial();
    const taken = chunk.length > 0 ? this.#channel.put(chunk) : undefined;
    if (!more) {
      this.#step = "over";
      this.#channel.end();
      this.#over(1006, "");
    }
    await taken;
  }

  #beginDenial(): Channel {
    const channel = new Channel(() => {
      this.#step = "over";
      this.#over(1006, "");
      return undefined;
    });
    const { status, headers } = this.#denial ?? { status: "403 Forbidden", headers: [] };
    this.#decision.resolve({ status, headers, body: channel.body });
    return channel;
  }

  /** The application has returned or raised. */
  #ended(failure: { error: unknown } | undefined): void {
    const step = this.#step;
    this.#settled = true;
    this.#step = "over";
    for (const { taken } of this.#messages.splice(0)) {
      taken();
    }
    const error = failure === undefined ? undecided(step) : failure.error;
    if (step === "denial" && this.#channel !== undefined) {
      this.#channel.end({ error });
    } else if (step === "connect" && this.#end !== undefined && isDisconnect(error)) {
      // To nobody: an application that ends because its client has left does what it should.
      this.#decision.resolve({ status: "400 Bad Request" });
    } else if (step === "connect" || step === "denial") {
      this.#decision.reject(error);
    } else if (failure !== undefined && !(isDisconnect(error) && this.#end !== undefined)) {
      logLine(this.#errors, "WebSocket", this.#uri, undefined, explain(error));
      this.#connection.close(1011);
    } else if (step === "open") {
      this.#connection.close();
    }
  }
}

const WANTED = {
  connect: '"websocket.accept", "websocket.close" or "websocket.http.response.start"',
  open: '"websocket.send" or "websocket.close"',
  denial: '"websocket.http.response.body"',
  over: "nothing",
} as const;

function messageOf(event: AnyEvent): WebSocketData {
  const bytes = bytesOf(event, "bytes");
  const text = textOf(event, "text");
  const message = bytes ?? text;
  if (message === undefined || (bytes !== undefined && text !== undefined)) {
    throw malformed(event, "bytes or text", "must be given, and not both");
  }
  return message;
}

function undecided(step: string): DramError {
  return new DramError(
    "ERR_NOT_STARTED",
    `the ASGI application has ended ${step === "denial" ? "in the middle of its response" : "without an answer to websocket.connect"}`,
  );
}
