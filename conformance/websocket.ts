import type { WebSocketHandlers } from "../core/mod.ts";
import { faultsOf } from "./application.ts";
import { cases } from "./cases/mod.ts";
import { type RunAttachment, record, runOf } from "./ledger.ts";

/**
 * The handlers that a target with WebSockets must run beside `application`: they call those of the case
 * that the handshake names.
 */
export const websocket: WebSocketHandlers = {
  connect(connection, environ) {
    const id = environ.HTTP_X_DRAM_CASE ?? "";
    const run = runOf(environ);
    const attachment: RunAttachment = { case: id, run };
    connection.attachment = attachment;
    record(run, "call");
    for (const fault of faultsOf(environ)) {
      record(run, "faults", fault);
    }
    const found = handlers.get(id);
    return found === undefined ? { status: "404 Not Found" } : found.connect?.(connection, environ);
  },
  message: (connection, data) => handlersOf(connection.attachment)?.message(connection, data),
  disconnect: (connection, code, reason) =>
    handlersOf(connection.attachment)?.disconnect?.(connection, code, reason),
};

const handlers = new Map(
  cases.flatMap(({ id, websocket: found }) => (found === undefined ? [] : [[id, found] as const])),
);

function handlersOf(attachment: unknown): WebSocketHandlers | undefined {
  return typeof attachment === "object" && attachment !== null && "case" in attachment
    ? handlers.get(String(attachment.case))
    : undefined;
}
