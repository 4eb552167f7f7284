import type { ByteSource } from "../../core/mod.ts";
import { BodyQueue, Peer } from "../process/mod.ts";
import type { Connection } from "./connection.ts";
import { type Pair, Params } from "./params.ts";

/** One request of a web server's, from BEGIN_REQUEST to END_REQUEST. */
export class FastcgiRequest extends Peer {
  readonly id: number;
  /** The connection is to be used again. */
  readonly keep: boolean;
  readonly connection: Connection;
  readonly params: Params = new Params();
  readonly stdin: BodyQueue;
  /** What the web server has to send next. */
  state: "params" | "stdin" | "complete" = "params";
  /** Complete when the request is answered; empty if there were too many. */
  variables: readonly Pair[] = [];
  /** There has been something on STDERR. */
  hasErrors = false;

  constructor(id: number, keep: boolean, connection: Connection) {
    super();
    this.id = id;
    this.keep = keep;
    this.connection = connection;
    this.stdin = new BodyQueue(() => connection.resume());
    this.onLeave((reason) => this.stdin.fail(reason));
  }

  /** The body, to be read when the application asks for it. */
  openBody(): ByteSource {
    return {
      read: () => this.stdin.read(),
      // The end of the request, which is near, drops what is left.
      cancel() {},
    };
  }
}
