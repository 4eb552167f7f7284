import { answerHandshake, fetchGateway, fromResponse } from "../adapters/fetch/mod.ts";
import {
  type Application,
  createGateway,
  DramError,
  type ErrorStream,
  type GatewayOptions,
  type GatewayResponse,
  isStream,
  type Platform,
} from "../core/mod.ts";
import type { Outgoing } from "./request.ts";
import type { Opening } from "./sockets.ts";

export interface ExchangeOptions extends Omit<GatewayOptions, "errors"> {
  readonly onError?: "reject" | "respond";
}

/** The exchanges of one client: what is under way, what was logged, and what failed unnoticed. */
export class Exchanges {
  readonly log: string[] = [];
  #application: Application;
  #options: ExchangeOptions;
  #closing = new AbortController();
  #waiting = new Set<Promise<unknown>>();
  #failures = new Set<unknown>();

  /** @throws {DramError} `ERR_OPTION`. */
  constructor(application: Application, options: ExchangeOptions) {
    createGateway(options, PLATFORM);
    this.#application = application;
    this.#options = options;
  }

  /**
   * One request, and no other.
   *
   * @param cookie What the jar has for the URL; `""` for nothing.
   * @param opening What is to become of it, if it asks for a WebSocket.
   */
  async send(outgoing: Outgoing, cookie: string, opening?: Opening): Promise<Response> {
    const signal = AbortSignal.any([outgoing.signal, this.#closing.signal]);
    signal.throwIfAborted();
    const failures: unknown[] = [];
    let isAnswered = false;
    const handle = this.#handler(outgoing, opening, (error) => {
      if (isAnswered) {
        this.#failures.add(error);
      } else {
        failures.push(error);
      }
    });
    // Before the call, in which the signal may be aborted.
    const left = aborted(signal);
    const answer = handle(toRequest(outgoing, cookie, signal), undefined);
    const response = await Promise.race([answer, left]);
    signal.throwIfAborted();
    isAnswered = true;
    if (failures.length > 0 && this.#options.onError !== "respond") {
      throw failures[0];
    }
    return response;
  }

  /** @throws The first error that no call could throw. */
  async close(): Promise<void> {
    this.#closing.abort(new DramError("ERR_ABORTED", "the client was closed"));
    while (this.#waiting.size > 0) {
      await Promise.all(this.#waiting);
    }
    const [first] = this.#failures;
    this.#failures.clear();
    if (first !== undefined) {
      throw first;
    }
  }

  /** A gateway for this request alone: each may have an environ of its own. */
  #handler(outgoing: Outgoing, opening: Opening | undefined, onError: (error: unknown) => void) {
    const { errors } = this;
    const environ = { ...this.#options.environ, ...outgoing.environ };
    const gateway = createGateway(
      { ...this.#options, environ, errors },
      {
        ...PLATFORM,
        onError(error) {
          // Those are answers: 413 is what becomes of a body that is too large.
          if (!(error instanceof DramError && error.blame === "client")) {
            onError(error);
          }
        },
      },
    );
    const sending = {
      fromResponse: (response: GatewayResponse, request: Request) =>
        fromResponse(this.#told(response), request),
    };
    return fetchGateway<undefined>(this.#application, gateway, {
      ...sending,
      extendEnviron(made) {
        made.REMOTE_ADDR = "127.0.0.1";
      },
      upgrade:
        opening &&
        ((made, request) =>
          answerHandshake(made, request, undefined, gateway, { ...opening.platform, ...sending })),
      waitUntil: (promise) => this.#wait(promise),
    });
  }

  /** What breaks a body is told to its reader, and to nobody else. */
  #told(response: GatewayResponse): GatewayResponse {
    const { body } = response;
    if (!isStream(body)) {
      return response;
    }
    const next = async (): Promise<Uint8Array | null> => {
      try {
        return await body.next();
      } catch (error) {
        this.#failures.delete(error);
        throw error;
      }
    };
    return { ...response, body: { next, cancel: () => body.cancel() } };
  }

  #wait(promise: Promise<unknown>): void {
    const settled = promise.then(() => {
      this.#waiting.delete(settled);
    });
    this.#waiting.add(settled);
  }

  get errors(): ErrorStream {
    return {
      write: (text) => void this.log.push(text.replace(/\n$/, "")),
      writelines() {},
      flush() {},
    };
  }
}

function toRequest(outgoing: Outgoing, cookie: string, signal: AbortSignal): Request {
  const { url, method, body } = outgoing;
  const headers = new Headers(outgoing.headers);
  const cookies = [headers.get("cookie"), cookie].filter(Boolean).join("; ");
  if (cookies !== "") {
    headers.set("cookie", cookies);
  }
  return new Request(url, { method, headers, signal, body, ...(body && { duplex: "half" }) });
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

const PLATFORM: Platform = {
  name: "test",
  capabilities: Object.freeze({
    streaming: true,
    reason: true,
    disconnect: true,
    trailers: false,
    earlyHints: false,
    latin1Headers: true,
    rawTarget: false,
  }),
  multithread: true,
  multiprocess: false,
  runOnce: false,
  headerDecoding: "latin1",
  targetDecoding: "utf8",
  maxBodySize: Number.POSITIVE_INFINITY,
};
