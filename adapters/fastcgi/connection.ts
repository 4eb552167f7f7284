import type { Socket } from "node:net";
import { DramError, explain, type LineErrors } from "../../core/mod.ts";
import {
  BREAK_DELAY,
  DISCARD_TIMEOUT,
  drained,
  type Lifetime,
  MAX_DISCARDED_BODY,
} from "../process/mod.ts";
import { ending } from "./frames.ts";
import { manage } from "./management.ts";
import {
  ABORT_REQUEST,
  BEGIN_REQUEST,
  byte,
  CANT_MPX_CONN,
  DATA,
  encodeEnd,
  type FastcgiRecord,
  HEADER_SIZE,
  PARAMS,
  RecordReader,
  STDIN,
  UNKNOWN_ROLE,
  word,
} from "./records.ts";
import { FastcgiRequest } from "./request.ts";

/** What all connections of a server have in common. */
export interface Serving {
  /** Called when all meta-variables of a request are there; its body may still be on its way. */
  readonly answer: (request: FastcgiRequest) => void;
  readonly lifetime: Lifetime<FastcgiRequest>;
  /** For what belongs to no request. */
  readonly log: LineErrors;
  /** Milliseconds; 0 is none. */
  readonly requestTimeout: number;
}

/** What a record of a request means, where it may come at all. */
type Step = "params" | "stdin" | "abort" | "ignore";

const STEPS: {
  readonly [state in FastcgiRequest["state"]]: { readonly [type: number]: Step };
} = {
  params: { [PARAMS]: "params", [ABORT_REQUEST]: "abort" },
  // DATA is for filters, which this is not.
  stdin: { [STDIN]: "stdin", [ABORT_REQUEST]: "abort", [DATA]: "ignore" },
  complete: { [ABORT_REQUEST]: "abort", [DATA]: "ignore" },
};

const RESPONDER = 1;
const KEEP_CONN = 1;

/** Of version 0, which every web server refuses. */
const NO_RECORD = Buffer.alloc(HEADER_SIZE);

/**
 * A connection of a web server, with one request on it at a time: back-pressure is the
 * connection's, so of several requests on one, each could keep the others from going on. A second
 * one is answered CANT_MPX_CONN. No web server known sends one.
 *
 * A web server that ends its side of the connection has left, as they do when their client has.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #serving: Serving;
  readonly #reader = new RecordReader();
  #request: FastcgiRequest | undefined;
  /** Nothing more is taken: what is on its way is the last. */
  #closing = false;
  /** Bytes that have come since the last response and belong to no request. */
  #ignored = 0;

  constructor(socket: Socket, serving: Serving) {
    this.#socket = socket;
    this.#serving = serving;
    socket.on("data", (bytes) => this.#receive(bytes));
    socket.on("end", () => {
      if (!this.#closing) {
        socket.destroy();
      }
    });
    socket.on("close", () => this.#leave());
    // What "close" tells, too.
    socket.on("error", () => {});
    socket.on("timeout", () => this.#timeout());
    socket.setTimeout(serving.requestTimeout);
  }

  /** Whether a request has not ended yet. */
  has(request: FastcgiRequest): boolean {
    return this.#request === request;
  }

  /** More of what the web server sends is wanted. */
  resume(): void {
    this.#socket.resume();
  }

  /**
   * Sends pieces, which leave together. What belongs to a request that has ended is dropped.
   *
   * @returns False if the web server is to take what has been sent before more is.
   */
  send(request: FastcgiRequest, pieces: readonly Uint8Array[]): boolean {
    return this.has(request) ? this.#write(pieces) : true;
  }

  /** Until the web server takes more, or never will. */
  drained(): Promise<void> {
    return drained(this.#socket, this.#socket.destroyed);
  }

  /** The response is complete with these last pieces, the ending among them. */
  finish(request: FastcgiRequest, pieces: readonly Uint8Array[]): void {
    if (!this.has(request)) {
      return;
    }
    this.#write(pieces);
    this.#release(request);
    if (!request.keep || this.#serving.lifetime.stopping) {
      this.end();
    }
  }

  /**
   * What was sent before still arrives, then a record that is none. The end of the connection alone
   * would do for Apache, but nginx takes it for the end of the response (unless it has
   * `fastcgi_keep_conn` and buffers). The record has to come apart, because nginx drops what it reads
   * together with it.
   */
  breakOff(request: FastcgiRequest): void {
    if (!this.has(request)) {
      return;
    }
    this.#closing = true;
    const socket = this.#socket;
    socket.write("", () => {
      setTimeout(() => {
        socket.write(NO_RECORD);
        socket.destroySoon();
      }, BREAK_DELAY);
    });
  }

  /** Ends this side, unless a request is in flight. */
  end(): void {
    if (this.#request !== undefined || this.#closing) {
      return;
    }
    this.#closing = true;
    this.#socket.end();
    // What still comes is read, within bounds: a reset would overtake the answer.
    this.#socket.setTimeout(DISCARD_TIMEOUT);
  }

  #receive(bytes: Uint8Array): void {
    if (this.#request === undefined) {
      this.#ignored += bytes.length;
      if (this.#ignored > MAX_DISCARDED_BODY) {
        this.#socket.destroy();
        return;
      }
    }
    try {
      for (const record of this.#reader.push(bytes)) {
        if (this.#closing) {
          return;
        }
        this.#take(record);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #take(record: FastcgiRecord): void {
    const request = this.#request;
    if (record.id === 0) {
      this.#write([manage(record)]);
    } else if (record.type === BEGIN_REQUEST) {
      this.#begin(record);
    } else if (request !== undefined && record.id === request.id) {
      this.#step(request, record);
    }
    // Any other is of a request that has ended, and that the web server is still sending.
  }

  #begin({ id, content }: FastcgiRecord): void {
    if (content.length !== 8) {
      throw malformed(`BEGIN_REQUEST has ${content.length} bytes; wanted 8`);
    }
    if (this.#request?.id === id) {
      throw malformed(`BEGIN_REQUEST for request ${id}, which has not ended`);
    }
    const keep = (byte(content, 2) & KEEP_CONN) !== 0;
    if (this.#request !== undefined) {
      this.#write([encodeEnd(id, 0, CANT_MPX_CONN)]);
    } else if (word(content, 0) !== RESPONDER) {
      this.#write([encodeEnd(id, 0, UNKNOWN_ROLE)]);
      if (!keep) {
        this.end();
      }
    } else {
      this.#ignored = 0;
      this.#request = new FastcgiRequest(id, keep, this);
    }
  }

  #step(request: FastcgiRequest, { type, content }: FastcgiRecord): void {
    switch (STEPS[request.state][type]) {
      case "params":
        if (content.length > 0) {
          request.params.add(content);
        } else {
          request.variables = request.params.isTooLarge ? [] : request.params.pairs();
          request.state = "stdin";
          this.#serving.lifetime.begin(request);
          this.#serving.answer(request);
        }
        return;
      case "stdin":
        if (content.length === 0) {
          request.state = "complete";
          request.stdin.end();
        } else if (!request.stdin.push(content)) {
          this.#socket.pause();
        }
        return;
      case "abort":
        this.#abort(request);
        return;
      case "ignore":
        return;
      case undefined:
        throw malformed(`a record of type ${type} for request ${request.id}, in ${request.state}`);
    }
  }

  #abort(request: FastcgiRequest): void {
    request.leave(
      new DramError("ERR_CLIENT_DISCONNECTED", "the web server has aborted the request"),
    );
    this.finish(request, [ending(request.id, request.hasErrors, 1)]);
  }

  #write(pieces: readonly Uint8Array[]): boolean {
    const socket = this.#socket;
    const [first] = pieces;
    if (pieces.length === 1 && first !== undefined) {
      return socket.write(first);
    }
    socket.cork();
    let more = true;
    for (const piece of pieces) {
      more = socket.write(piece);
    }
    socket.uncork();
    return more;
  }

  /** A request has ended; a server that stops waits until what it was sent is handed over. */
  #release(request: FastcgiRequest): void {
    this.#request = undefined;
    this.#ignored = 0;
    this.#socket.resume();
    if (this.#socket.writableLength === 0) {
      this.#serving.lifetime.end(request);
    } else {
      this.#socket.write("", () => this.#serving.lifetime.end(request));
    }
  }

  /** The connection is no more. */
  #leave(cause?: unknown): void {
    const request = this.#request;
    if (request !== undefined) {
      this.#request = undefined;
      const reason = "the web server's connection was closed before the response was complete";
      request.leave(new DramError("ERR_CLIENT_DISCONNECTED", reason, { cause }));
      // Last: a server that stops waits for what leaving has set off.
      this.#serving.lifetime.end(request);
    }
  }

  /** The web server does not keep to the protocol: what comes now cannot be made sense of. */
  #fail(error: unknown): void {
    const { remoteAddress: from = "a Unix socket" } = this.#socket;
    this.#serving.log.write(`dram: closed a connection of ${from}: ${explain(error)}\n`);
    this.#leave(error);
    this.#socket.destroy();
  }

  #timeout(): void {
    const socket = this.#socket;
    if (this.#closing) {
      socket.destroy();
      return;
    }
    const { requestTimeout } = this.#serving;
    const awaited = this.#request !== undefined && this.#request.state !== "complete";
    if ((awaited && !socket.isPaused()) || this.#reader.isInside) {
      this.#fail(malformed(`nothing has come of a request for ${requestTimeout} ms`));
      return;
    }
    socket.setTimeout(requestTimeout);
  }
}

function malformed(message: string): DramError {
  return new DramError("ERR_EVENT", `FastCGI: ${message}`);
}
