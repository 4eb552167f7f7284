import type { ChildProcess } from "node:child_process";
import { Socket } from "node:net";
import type { Readable } from "node:stream";
import { messageOf } from "../../../adapters/process/mod.ts";
import { DramError, explain, LineErrors, quote } from "../../../core/mod.ts";
import { FRAME, type Frame, FrameReader, textOf } from "./frames.ts";
import { launch } from "./launch.ts";
import { DRAIN_TIME, MAX_ID } from "./limits.ts";
import type { WorkerOptions } from "./options.ts";
import { raised } from "./raised.ts";

/** Who speaks with a worker. */
export interface Dialogue {
  /** A frame has come. */
  take(frame: Frame): void;
  /** Nothing more will. */
  lose(error: DramError): void;
}

/** A process of Python that has loaded the application, or is about to. */
export class Worker {
  /** Resolves when the application is imported. Rejects with `ERR_PYTHON` if it cannot be. */
  readonly ready: Promise<void>;
  /** Resolves with how the process has ended, in words, when all that it has sent is taken. */
  readonly ended: Promise<string>;
  readonly #options: WorkerOptions;
  readonly #onRoom: () => void;
  readonly #process: ChildProcess;
  readonly #line: Socket;
  readonly #reader = new FrameReader();
  readonly #log: LineErrors;
  readonly #calls = new Map<number, Dialogue>();
  readonly #loading = Promise.withResolvers<void>();
  #lastId = 0;
  #state: "loading" | "serving" | "stopping" = "loading";
  /** Why the process ends, as far as it is known before it does. */
  #cause: string | undefined;

  /** @param onRoom Called when the worker can take another call. */
  constructor(options: WorkerOptions, onRoom: () => void) {
    this.#options = options;
    this.#onRoom = onRoom;
    this.#log = new LineErrors(options.errors);
    const { child, line } = launch(options);
    this.#process = child;
    this.#line = line;
    line.on("data", (bytes) => this.#receive(bytes));
    // What "close" tells, too.
    line.on("error", () => {});
    this.#print(child.stdout);
    this.#print(child.stderr);
    this.ended = this.#end();
    this.ready = this.#load();
    // Whoever waits for it is told; nobody may.
    this.ready.catch(() => {});
  }

  /** Calls that it has in hand. */
  get load(): number {
    return this.#calls.size;
  }

  /** It can take another one. */
  get hasRoom(): boolean {
    return this.#state === "serving" && this.load < this.#options.calls;
  }

  /** @returns The number of the call in frames. */
  begin(call: Dialogue): number {
    this.#lastId = (this.#lastId % MAX_ID) + 1;
    this.#calls.set(this.#lastId, call);
    this.#hold();
    return this.#lastId;
  }

  end(id: number): void {
    this.#calls.delete(id);
    this.#hold();
    if (this.#state === "stopping") {
      this.stop();
    } else {
      this.#onRoom();
    }
  }

  send(frame: Uint8Array): void {
    this.#line.write(frame);
  }

  /** Ends the process when its calls have ended. */
  stop(): void {
    this.#state = "stopping";
    if (this.#calls.size === 0) {
      this.#line.end();
    }
  }

  /** Ends the process at once. */
  kill(cause?: string): void {
    this.#state = "stopping";
    this.#cause ??= cause;
    this.#process.kill("SIGKILL");
  }

  #receive(bytes: Uint8Array): void {
    try {
      for (const frame of this.#reader.push(bytes)) {
        this.#take(frame);
      }
    } catch (error) {
      this.kill(explain(error));
    }
  }

  #take(frame: Frame): void {
    const call = this.#calls.get(frame.id);
    if (call !== undefined) {
      call.take(frame);
    } else if (frame.type === FRAME.log) {
      this.#log.write(textOf(frame.content));
    } else if (frame.type === FRAME.ready && this.#state === "loading") {
      this.#state = "serving";
      this.#hold();
      this.#loading.resolve();
      this.#onRoom();
    } else if (frame.type === FRAME.unable) {
      this.#loading.reject(raised(frame.content));
      this.#state = "stopping";
    }
  }

  async #load(): Promise<void> {
    const { app, python, timeout } = this.#options;
    const late = (): void => this.kill(`the application was not imported within ${timeout} ms`);
    const timer = timeout > 0 ? setTimeout(late, timeout) : undefined;
    try {
      await this.#loading.promise;
    } catch (cause) {
      const problem = `${quote(python)} cannot import the application ${quote(app)}`;
      throw new DramError("ERR_PYTHON", problem, { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  async #end(): Promise<string> {
    const child = this.#process;
    const exited = new Promise<string>((resolve) => {
      child.once("exit", (code, signal) => resolve(`has ended with ${signal ?? code}`));
      child.once("error", (error) => resolve(`could not be started: ${messageOf(error)}`));
    });
    let timer: NodeJS.Timeout | undefined;
    const closed = new Promise<void>((resolve) => {
      this.#line.once("close", () => {
        clearTimeout(timer);
        // The end of the process itself, as a rule. One that was told to stop may take its time.
        if (this.#state === "serving") {
          timer = setTimeout(() => this.kill("it has closed its socket"), DRAIN_TIME);
        }
        resolve();
      });
    });
    const how = await exited;
    clearTimeout(timer);
    // What it has sent is still to be taken. But a process of its own may hold the socket.
    timer = setTimeout(() => this.#line.destroy(), DRAIN_TIME);
    await closed;
    clearTimeout(timer);
    this.#state = "stopping";
    const name = child.pid === undefined ? "a Python worker" : `Python worker ${child.pid}`;
    const ending = `${name} ${how}${this.#cause === undefined ? "" : `: ${this.#cause}`}`;
    this.#loading.reject(new DramError("ERR_WORKER", ending));
    for (const call of this.#calls.values()) {
      call.lose(new DramError("ERR_WORKER", ending));
    }
    return ending;
  }

  #print(output: Readable | null): void {
    if (output === null) {
      return;
    }
    const lines = new LineErrors(this.#options.errors);
    output.setEncoding("utf8");
    output.on("data", (text: string) => lines.write(text));
    output.on("end", () => lines.flush());
    unref(output);
  }

  /** A worker that has nothing to do does not keep this process from ending. */
  #hold(): void {
    if (this.#state === "loading" || this.#calls.size > 0) {
      this.#process.ref();
      this.#line.ref();
    } else {
      this.#process.unref();
      this.#line.unref();
    }
  }
}

/** Of the type that `spawn` makes, which its declaration does not tell. */
function unref(output: Readable): void {
  if (output instanceof Socket) {
    output.unref();
  }
}
