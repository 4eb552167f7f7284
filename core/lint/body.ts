import { closing, failing, textOf } from "../body.ts";
import { encodeUtf8 } from "../bytes.ts";
import type { Body } from "../types.ts";
import { askChunk, askEnd, askList } from "./ask.ts";
import type { Call } from "./call.ts";
import { Closing, closeOf } from "./closing.ts";
import { asyncIterator, Steps, syncIterator } from "./iteration.ts";

/**
 * What the application returned, as its caller gets it: an array, or a text of `text()` and
 * `json()`, is the very same, checked at once; any other body is watched as it is iterated.
 *
 * @throws {LintError}
 */
export function observeBody(call: Call, body: Body): Body {
  call.returned = true;
  call.ask("body", { body });
  try {
    return checked(call, body);
  } catch (error) {
    if (Array.isArray(body) && !("close" in body)) {
      throw error;
    }
    // Thrown when it is iterated, so that the gateway has a body to close.
    return closing(failing(error), closing(body), () => call.end());
  }
}

function checked(call: Call, body: Body): Body {
  call.ask("proceed", { swallowed: call.swallowed });
  call.ask("returned", { pendingWrites: call.pendingWrites });
  askList(call);
  const content = textOf(body);
  if (content !== undefined) {
    return complete(call, [encodeUtf8(content)], body);
  }
  if (!Array.isArray(body)) {
    return watched(call, body);
  }
  const chunks: readonly Uint8Array[] & Body = body;
  if (!("close" in chunks)) {
    return complete(call, chunks, body);
  }
  askComplete(call, chunks);
  // Still an array, so that its length can be inferred, with a close of its own.
  return Object.assign([...chunks], closeOf(call, chunks, new Closing(call)));
}

function complete(call: Call, chunks: readonly unknown[], body: Body): Body {
  askComplete(call, chunks);
  call.end();
  return body;
}

function askComplete(call: Call, chunks: readonly unknown[]): void {
  for (const chunk of chunks) {
    askChunk(call, chunk, "body", true);
  }
  askEnd(call);
}

function watched(call: Call, body: Body): Body {
  const awaited = new Closing(call);
  const close = closeOf(call, body, awaited);
  let times = 0;
  const open = <Opened>(iterate: () => Opened): Opened => {
    call.ask("iteration", { times: ++times });
    return iterate();
  };
  const steps = new Steps(call, close.close === undefined ? undefined : awaited);
  const sync =
    Symbol.iterator in body
      ? {
          [Symbol.iterator]: () => open(() => syncIterator(steps, body[Symbol.iterator]())),
        }
      : undefined;
  if (Symbol.asyncIterator in body) {
    return {
      [Symbol.asyncIterator]: () => open(() => asyncIterator(steps, body[Symbol.asyncIterator]())),
      ...sync,
      ...close,
    };
  }
  return {
    [Symbol.iterator]: () => open(() => syncIterator(steps, body[Symbol.iterator]())),
    ...close,
  };
}
