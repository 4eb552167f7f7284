import { DramError } from "../../core/mod.ts";
import { DISCARD_TIMEOUT, Lifetime, Peer, within } from "../process/mod.ts";
import { StandardInput } from "./input.ts";
import { type Output, takeOutput } from "./output.ts";
import { readVariables } from "./variables.ts";

/** The other end of the one exchange: the web server, and who stands behind it. */
export class Client extends Peer {
  readonly variables: readonly (readonly [name: string, value: string])[] = readVariables();
  readonly input: StandardInput = new StandardInput(bodyLength(new Map(this.variables)));
  /** For the work after the response. */
  readonly lifetime: Lifetime = new Lifetime();
  readonly #output: Output = takeOutput((cause) => {
    this.leave(
      new DramError(
        "ERR_CLIENT_DISCONNECTED",
        "the web server left before the response was complete",
        { cause },
      ),
    );
  });

  /** Sends bytes at once; resolves when more may be sent. */
  async send(bytes: Uint8Array): Promise<void> {
    if (!this.#output.write(bytes)) {
      this.input.readAhead();
      await this.#output.drained();
    }
  }

  /** The response is complete, or will never be: the server is to see its end. */
  async end(): Promise<void> {
    await this.#output.end();
    await within(this.input.ended(), DISCARD_TIMEOUT);
  }
}

/**
 * Bytes to be read from standard input: it may stay open behind them, and without CONTENT_LENGTH
 * there is no body (RFC 3875 §4.1.2) but one that Apache httpd hands on as it comes.
 */
function bodyLength(variables: ReadonlyMap<string, string>): number {
  const length = variables.get("CONTENT_LENGTH");
  if (length) {
    // A malformed one is refused before anything is read.
    return /^[0-9]+$/.test(length) ? Number(length) : 0;
  }
  return variables.get("HTTP_TRANSFER_ENCODING") ? Number.POSITIVE_INFINITY : 0;
}
