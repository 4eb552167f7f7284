// What is soaked, the same on every platform.

import { type Application, type Body, type Environ, json, type StartResponse, text } from "dram";

/** What the application tells of itself. */
export interface State {
  /** Bodies that it has begun, and those that were closed. */
  readonly started: number;
  readonly closed: number;
  /** Bytes that it was asked for. */
  readonly pulled: number;
  /** Bytes of JavaScript's heap behind a garbage collection; 0 where it cannot be told. */
  readonly heap: number;
}

const bodies = { started: 0, closed: 0, pulled: 0 };

const CHUNK = new Uint8Array(65_536);

/**
 * `/hello`. `/abort`: a body without end. `/down?BYTES`: that many. `/up`: counts what it is sent.
 * `/ignores?MS`: reads nothing of it for so long. `/echo`: `X-Id` and the query, between other
 * requests. `/worker`: which process it is, and whose request it has seen. `/leaks?N`: a rejection
 * that nobody handles.
 */
export const application: Application = (environ, startResponse) => {
  switch (environ.PATH_INFO) {
    case "/hello":
      startResponse("200 OK", [["Content-Type", "text/plain; charset=utf-8"]]);
      return text("Hello, world\n");
    case "/up":
      return receive(environ, startResponse);
    case "/ignores":
      return ignore(environ, startResponse);
    case "/echo":
      return echo(environ, startResponse);
    case "/worker":
      return tell(environ, startResponse);
    case "/leaks":
      Promise.reject(new Error(`leak ${environ.QUERY_STRING};`));
      startResponse("200 OK", []);
      return text("leaked");
    case "/state":
      return report(startResponse);
  }
  return send(environ, startResponse);
};

/** Behind a garbage collection, where it may be asked for. */
export async function stateOf(): Promise<State> {
  globalThis.gc?.();
  // What is freed by that may have to be told of, and tell others.
  await new Promise((resolve) => setTimeout(resolve, 20));
  globalThis.gc?.();
  const heap = typeof process === "undefined" ? 0 : process.memoryUsage().heapUsed;
  return { ...bodies, heap };
}

async function report(startResponse: StartResponse): Promise<Body> {
  const state = await stateOf();
  startResponse("200 OK", [["Content-Type", "application/json"]]);
  return json(state);
}

function send({ PATH_INFO, QUERY_STRING }: Environ, startResponse: StartResponse): Body {
  const size = PATH_INFO === "/down" ? Number(QUERY_STRING) : Number.POSITIVE_INFINITY;
  startResponse("200 OK", [["Content-Type", "application/octet-stream"]]);
  bodies.started++;
  let isClosed = false;
  return {
    async *[Symbol.asyncIterator]() {
      for (let sent = 0; sent < size; sent += CHUNK.length) {
        bodies.pulled += CHUNK.length;
        yield CHUNK;
      }
    },
    close() {
      // A second time would hide one that is not closed at all.
      bodies.closed += isClosed ? Number.NaN : 1;
      isClosed = true;
    },
  };
}

async function receive(environ: Environ, startResponse: StartResponse): Promise<Body> {
  let size = 0;
  const input = environ["wsgi.input"];
  for (let block = await input.read(65_536); block.length > 0; ) {
    size += block.length;
    block = await input.read(65_536);
  }
  startResponse("200 OK", []);
  return text(String(size));
}

async function ignore({ QUERY_STRING }: Environ, startResponse: StartResponse): Promise<Body> {
  await new Promise((resolve) => setTimeout(resolve, Number(QUERY_STRING)));
  startResponse("200 OK", []);
  return text("ignored");
}

/** Reads its environ anew behind each wait: another request's would show. */
async function echo(environ: Environ, startResponse: StartResponse): Promise<Body> {
  await another();
  const { HTTP_X_ID: id = "" } = environ;
  await another();
  startResponse("200 OK", [
    ["X-Id", id],
    ["Content-Length", String(2 * id.length)],
  ]);
  return {
    async *[Symbol.asyncIterator]() {
      await another();
      yield new TextEncoder().encode(environ.QUERY_STRING);
      await another();
      yield new TextEncoder().encode(environ.HTTP_X_ID);
    },
  };
}

/** Lets other requests go on, for a random while. */
async function another(): Promise<void> {
  const milliseconds = Math.floor(Math.random() * 4);
  if (milliseconds > 0) {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
  }
}

async function tell(environ: Environ, startResponse: StartResponse): Promise<Body> {
  const { pid } = process;
  console.log(`${pid} ${environ.QUERY_STRING}`);
  await new Promise((resolve) => setTimeout(resolve, 20));
  startResponse("200 OK", [["Content-Type", "application/json"]]);
  return json({ pid, id: environ.QUERY_STRING, token: environ.HTTP_X_TOKEN ?? null });
}
