import {
  checkHandlers,
  checkOption,
  DramError,
  decide,
  type Environ,
  explain,
  type GatewayResponse,
  isStream,
  logLine,
  type WebSocketHandlers,
  WebSocketSession,
} from "../../../core/mod.ts";
import type { JsonObject } from "../event.ts";
import { begin, type Lambda, logOf, respondLater } from "../exchange.ts";
import { Invocation, type LambdaContext } from "../invocation.ts";
import { Attachment, type AttachmentStore } from "./attachment.ts";
import { type ConnectionClient, connectionClient } from "./client.ts";
import { endpointOf, readEvent, requestIdOf, type WebSocketEvent } from "./event.ts";
import { Outbox } from "./outbox.ts";
import { webSocketSource } from "./source.ts";

/** What Lambda does not keep from one event of a connection to the next. */
export interface WebSocketApiOptions {
  /** Keeps attachments. Without one, to set an attachment is an error. */
  store?: AttachmentStore;
  /**
   * Where connections are managed. Default: the environment's
   * `AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI`, or what the event tells, which an API needs that is
   * reached by its custom domain only.
   */
  endpoint?: string;
  /** Sends and closes. Default: `connectionClient(endpoint)`. */
  client?: ConnectionClient;
}

/** What `webSocketApi` makes: for the option `websocket` of `toLambda`, which calls it. */
export interface WebSocketApi {
  /**
   * Answers one event; `toLambda` calls it, and nobody else.
   *
   * @internal
   */
  handle(lambda: Lambda, event: JsonObject, context: LambdaContext): Promise<unknown>;
}

/**
 * Handlers of WebSockets, for an API Gateway WebSocket API:
 * `toLambda(application, { websocket: webSocketApi(handlers, { store }) })`.
 *
 * `$connect` is `connect`, `$disconnect` is `disconnect`, every other route is `message`. Each is an
 * invocation of its own, and so are two messages of one connection that overlap: then neither their
 * order nor what both do to the attachment is certain.
 *
 * @throws {DramError} `ERR_OPTION` for malformed handlers or options.
 */
export function webSocketApi(
  handlers: WebSocketHandlers,
  options: WebSocketApiOptions = {},
): WebSocketApi {
  const { store, endpoint, client } = options;
  checkHandlers(handlers);
  checkOption("store", store, has("get", "set", "delete"), "an object with get, set and delete");
  checkOption("endpoint", endpoint, isEndpoint, "an HTTPS URL with the stage");
  checkOption("client", client, has("post", "delete"), "an object with post and delete");
  const api: Api = { handlers, store, client, endpoint, warned: new Set() };
  return {
    handle(lambda, event, context) {
      const read = readEvent(event);
      return read.type === "connect"
        ? connect(api, lambda, event, context, read.id)
        : receive(api, lambda, event, context, read);
    },
  };
}

/** The options, and what was warned of. */
interface Api {
  readonly handlers: WebSocketHandlers;
  readonly store: AttachmentStore | undefined;
  readonly client: ConnectionClient | undefined;
  readonly endpoint: string | undefined;
  readonly warned: Set<string>;
}

/** A handshake is a request: its response says how it was decided. */
async function connect(
  { handlers, store }: Api,
  lambda: Lambda,
  event: JsonObject,
  context: LambdaContext,
  id: string,
): Promise<unknown> {
  const { gateway } = lambda;
  const decided = async (environ: Environ): Promise<GatewayResponse> => {
    const session = new WebSocketSession({
      handlers,
      id,
      errors: environ["wsgi.errors"],
      uri: environ.REQUEST_URI,
      maxMessageSize: Number.POSITIVE_INFINITY,
      notBeforeOpen:
        "API Gateway opens the connection when connect is over; let the client begin, or send from another invocation",
    });
    const { accepted, denied } = await decide(session, environ, gateway);
    if (accepted === undefined) {
      return denial(denied);
    }
    await new Attachment(store, id).save(session.attachment);
    const { subprotocol, headers } = accepted;
    if (subprotocol !== undefined) {
      headers.push(["Sec-WebSocket-Protocol", subprotocol]);
    }
    return { status: 200, reason: "OK", headers, length: 0, body: null };
  };
  const source = webSocketSource(gateway.scriptName);
  return respondLater(begin(lambda, source, event, context, false, decided));
}

/** @throws {DramError} `ERR_HANDSHAKE_ANSWER` for a denial that API Gateway would not take for one. */
function denial(response: GatewayResponse | undefined): GatewayResponse {
  if (response !== undefined && response.status >= 300) {
    return response;
  }
  if (response !== undefined && isStream(response.body)) {
    response.body.cancel();
  }
  throw new DramError(
    "ERR_HANDSHAKE_ANSWER",
    `connect denied with the status ${response?.status}, by which API Gateway would accept; wanted one from 300`,
  );
}

/** A message, or the end: of what they return nothing reaches the client. */
async function receive(
  { handlers, store, client, endpoint, warned }: Api,
  lambda: Lambda,
  event: JsonObject,
  context: LambdaContext,
  read: Exclude<WebSocketEvent, { type: "connect" }>,
): Promise<unknown> {
  const { id } = read;
  const invocation = new Invocation(context, lambda.margin);
  const errors = logOf(lambda, context, requestIdOf(event));
  const log = (message: string): void => {
    logLine(errors, "WebSocket", id, context?.awsRequestId, message);
  };
  const outbox = new Outbox({
    client: client ?? connectionClient(endpoint ?? endpointOf(event)),
    id,
    waitUntil: (promise) => invocation.waitUntil(promise),
    onRefusal(message) {
      if (!warned.has(message)) {
        warned.add(message);
        log(`${message}; this is said once`);
      }
    },
  });
  const session = new WebSocketSession({
    ...{ handlers, id, errors, uri: id },
    maxMessageSize: Number.POSITIVE_INFINITY,
  });
  const attachment = new Attachment(store, id);
  const handled = async (): Promise<void> => {
    session.attachment = await attachment.load();
    if (read.type === "disconnect") {
      await session.ended(read.code, read.reason);
      await attachment.delete();
      return;
    }
    await session.receive(read.data);
    // Once closed, $disconnect may have deleted it already.
    if (!outbox.isClosed) {
      await attachment.save(session.attachment);
    }
  };
  invocation.arm();
  session.open(outbox);
  try {
    await invocation.race(handled());
    return { statusCode: 200 };
  } catch (error) {
    log(explain(error));
    session.shut(1011, "");
    return { statusCode: 500 };
  } finally {
    if (!(await invocation.settled())) {
      log("a message had not been sent in time");
    }
    invocation.close();
  }
}

function has(...methods: string[]): (value: unknown) => boolean {
  return (value) => {
    if (value === undefined) {
      return true;
    }
    const found = typeof value === "object" && value !== null ? value : {};
    return methods.every((name) => typeof Reflect.get(found, name) === "function");
  };
}

function isEndpoint(value: unknown): boolean {
  return (
    value === undefined ||
    (typeof value === "string" && /^https?:\/\//.test(value) && URL.canParse(value))
  );
}
