import { DramError, isBytes, nativeFromBytes } from "../../core/mod.ts";
import type { AsgiReceive, AsgiScope, AsgiSend, AsgiSendEvent } from "../asgi/mod.ts";
import type { Python } from "./boot.ts";
import { hashes, plain } from "./bytes.ts";
import { resultOf } from "./failure.ts";
import type { AsgiModule, PythonRuntime, Raised } from "./runtime.ts";

interface Call {
  readonly receive: AsgiReceive;
  readonly send: AsgiSend;
  /** With what the application has raised, if it has. */
  readonly done: (raised: Raised | undefined) => void;
  /** What the server has last told Python. */
  failure?: unknown;
}

/** A running Python, called once for each request, each WebSocket and the lifespan. */
export class AsgiInterpreter {
  readonly #call: AsgiModule["call"];
  readonly #calls = new Map<number, Call>();
  #count = 0;

  constructor({ pyodide, host }: Python, { crypto }: PythonRuntime) {
    host.connect(crypto === undefined ? {} : hashes(crypto));
    const module = pyodide.pyimport("dram_asgi");
    this.#call = module.call;
    module.connect({
      receive: (id: number) => this.#tell(id, async ({ receive }) => pairsOf(await receive())),
      send: (id: number, event: unknown) => this.#tell(id, ({ send }) => send(asEvent(event))),
      done: (id: number, raised: Raised | undefined) => this.#calls.get(id)?.done(raised),
      object: Object.fromEntries,
    });
  }

  /** @throws What the application raises. */
  async call(scope: AsgiScope, receive: AsgiReceive, send: AsgiSend): Promise<void> {
    this.#count += 1;
    const id = this.#count;
    const call: Call = { receive, send, done: () => {} };
    const raised = await new Promise<Raised | undefined>((resolve) => {
      this.#calls.set(id, { ...call, done: resolve });
      this.#call(id, crossing(scope));
    });
    const { failure } = this.#calls.get(id) ?? call;
    this.#calls.delete(id);
    const isTransport = raised?.[4] === true;
    if (isTransport) {
      throw failure;
    }
    resultOf(raised);
  }

  async #tell<Value>(id: number, ask: (call: Call) => Promise<Value>): Promise<Value> {
    const call = this.#calls.get(id);
    if (call === undefined) {
      throw new DramError("ERR_CLOSED", "the application has returned");
    }
    try {
      return await ask(call);
    } catch (error) {
      call.failure = error;
      throw error;
    }
  }
}

const EXTENSIONS = [
  "http.response.early_hint",
  "http.response.trailers",
  "websocket.http.response",
  "tls",
  "dram.capabilities",
];

/** A scope as JSON, bytes as native strings. Files and the platform's own objects stay behind. */
function crossing(scope: AsgiScope): string {
  const { extensions = {} } = "extensions" in scope ? scope : {};
  const crossed = Object.entries(extensions).filter(([name]) => EXTENSIONS.includes(name));
  return JSON.stringify({
    ...scope,
    ...("extensions" in scope ? { extensions: Object.fromEntries(crossed) } : {}),
    // The state itself is Python's.
    ...("state" in scope ? { state: true } : {}),
    ...("headers" in scope
      ? { headers: scope.headers.map((pair) => pair.map(nativeFromBytes)) }
      : {}),
    ...("query_string" in scope ? { query_string: nativeFromBytes(scope.query_string) } : {}),
    ...("raw_path" in scope && isBytes(scope.raw_path)
      ? { raw_path: nativeFromBytes(scope.raw_path) }
      : {}),
  });
}

/** An event for Python, which has None where JavaScript has `null`. */
function pairsOf(event: object): [key: string, value: unknown][] {
  return Object.entries(event).map(([key, value]) => [
    key,
    isBytes(value) ? plain(value) : (value ?? undefined),
  ]);
}

/** As far as it is told apart here; the server checks the rest. */
function asEvent(event: unknown): AsgiSendEvent {
  if (isEvent(event)) {
    return event;
  }
  throw new DramError("ERR_ASGI_EVENT", "send() was given no dict with a type");
}

function isEvent(event: unknown): event is AsgiSendEvent {
  return typeof event === "object" && event !== null && "type" in event;
}
