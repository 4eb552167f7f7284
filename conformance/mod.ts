// The proof that a gateway keeps the contract: every case as an application and an exchange.

export { application } from "./application.ts";
export { cases } from "./cases/mod.ts";
export { conform } from "./conform.ts";
export { keepLedger, type Ledger } from "./ledger.ts";
export type {
  Case,
  Client,
  Connection,
  Feature,
  Outcome,
  Register,
  Reply,
  Request,
  Target,
  Transport,
} from "./types.ts";
export { websocket } from "./websocket.ts";
