import { DramError } from "../../core/mod.ts";
import type { ServerFacts } from "../fetch/mod.ts";
import { type Lifetime, Peer } from "../process/mod.ts";
import type { DenoInfo } from "./types.ts";

/** What `serve` knows of itself. Where Deno serves a module by itself there is none. */
export interface Host extends ServerFacts {
  readonly lifetime: Lifetime<Client>;
}

/** The other end of one exchange. */
export class Client extends Peer {
  readonly info: DenoInfo;
  readonly host: Host | undefined;
  #begun = false;
  #over = false;

  constructor(info: DenoInfo, host: Host | undefined) {
    super();
    this.info = info;
    this.host = host;
  }

  /** To be called for every exchange that is not over when the handler returns. */
  begin(): void {
    if (!this.#over) {
      this.#begun = true;
      this.host?.lifetime.begin(this);
    }
  }

  /** The whole response is Deno's to send, or it has broken: nobody can leave any more. */
  end(): void {
    this.#over = true;
    if (this.#begun) {
      this.host?.lifetime.end(this);
    }
  }

  /** Deno says that the client has left; it says the same after a whole response. */
  disconnect(): void {
    if (!this.#over) {
      this.leave(
        new DramError(
          "ERR_CLIENT_DISCONNECTED",
          "the client left before the response was complete",
        ),
      );
    }
  }
}
