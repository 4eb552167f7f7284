import { closeSync } from "node:fs";
import type { Writable } from "node:stream";

/** Where the response goes. */
export interface Output {
  /** False if the server is to take what has been sent before more is: see `drained`. */
  write(bytes: Uint8Array): boolean;
  /** Resolves when the server has taken what was sent, or never will. */
  drained(): Promise<void>;
  /** Closes standard output, and resolves when the server has taken all. */
  end(): Promise<void>;
}

/**
 * Takes standard output for the response alone: from now on `process.stdout`, and with it
 * `console.log`, is standard error, because one stray line before the head would be the head.
 *
 * @param onGone Called when the server takes no more.
 */
export function takeOutput(onGone: (cause: unknown) => void): Output {
  const stdout: Writable = process.stdout;
  Object.defineProperty(process, "stdout", { get: () => process.stderr, configurable: true });
  let gone = false;
  let wake = (): void => {};
  stdout.on("drain", () => wake());
  // No "close" follows: Node does not let go of standard output.
  stdout.on("error", (cause) => {
    gone = true;
    onGone(cause);
    wake();
  });
  const until = (ask: (resolve: () => void) => void): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
      if (gone) {
        resolve();
      } else {
        ask(resolve);
      }
    });
  return {
    write: (bytes) => gone || stdout.write(bytes),
    drained: () => until(() => {}),
    async end() {
      await until((resolve) => stdout.end(resolve));
      // Node never closes it, and the server waits for its end while the process goes on.
      closeSync(1);
    },
  };
}
