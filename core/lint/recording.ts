import { nativeFromBytes } from "../bytes.ts";
import { STRESS_KEPT } from "../limits.ts";
import { ignore } from "../thenable.ts";
import type { HeaderList } from "../types.ts";
import { checksum } from "./checksum.ts";

/** What one run of an application has answered, as far as stress mode compares it. */
export class Recording {
  status = "";
  /** The body came to its end. */
  complete = false;
  #headers = "";
  #kept = "";
  #length = 0;
  #sum = checksum(new Uint8Array(0));
  #end: () => void = ignore;
  /** Settles when the run is over. */
  readonly ended: Promise<void> = new Promise((resolve) => {
    this.#end = resolve;
  });

  start(status: string, headers: HeaderList): void {
    this.status = status;
    this.#headers = headers.flat().join("\n");
  }

  add(chunk: Uint8Array): void {
    this.#length += chunk.length;
    this.#sum = checksum(chunk, this.#sum);
    this.#kept += nativeFromBytes(chunk.subarray(0, STRESS_KEPT - this.#kept.length));
  }

  end(): void {
    this.#end();
  }

  /** Equal for two runs that have answered the same, headers left aside. */
  get answer(): string {
    return `${this.status} ${this.#length} ${this.#sum}`;
  }

  includes(text: string): boolean {
    return [this.status, this.#headers, this.#kept].some((part) => part.includes(text));
  }
}
