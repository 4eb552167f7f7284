import { MAX_ERROR_LINE } from "./limits.ts";
import { ignore, isThenable } from "./thenable.ts";
import type { ErrorStream } from "./types.ts";

/** The default log: one call of `console.error` per record. */
export const consoleErrors: ErrorStream = {
  write(text) {
    console.error(text.endsWith("\n") ? text.slice(0, -1) : text);
  },
  writelines(texts) {
    for (const text of texts) {
      this.write(text);
    }
  },
  flush() {},
};

/**
 * `wsgi.errors` of one request: sends whole lines only, each in one `write`, so that the lines of
 * requests in flight together do not mix. Never throws, whatever it is given or its log does.
 */
export class LineErrors implements ErrorStream {
  #log: ErrorStream;
  #line = "";

  /** Sends to a log, one whole line a `write`. */
  constructor(log: ErrorStream) {
    this.#log = log;
  }

  /** Sends the lines that end in it, and keeps the rest. */
  write(text: string): void {
    const lines = (this.#line + wellFormed(text)).split("\n");
    this.#line = lines.pop() ?? "";
    for (const line of lines) {
      this.#send(line);
    }
    if (this.#line.length > MAX_ERROR_LINE) {
      this.flush();
    }
  }

  /** Writes one text after the other. */
  writelines(texts: Iterable<string>): void {
    try {
      for (const text of texts) {
        this.write(text);
      }
    } catch {
      // A broken iterable of log lines must not become the application's failure.
    }
  }

  /** Sends what is left as a line. */
  flush(): void {
    if (this.#line !== "") {
      const line = this.#line;
      this.#line = "";
      this.#send(line);
    }
  }

  #send(line: string): void {
    try {
      const sent: unknown = this.#log.write(`${line}\n`);
      if (isThenable(sent)) {
        sent.then(ignore, ignore);
      }
    } catch {
      // Standard error may be closed (EPIPE); serving goes on.
    }
  }
}

function wellFormed(text: unknown): string {
  try {
    return String(text).toWellFormed();
  } catch {
    return "(a value that cannot be shown)";
  }
}
