import { isBytes } from "../bytes.ts";
import { ignore, isThenable } from "../thenable.ts";
import type { Call } from "./call.ts";

/** Asks the rules about a chunk on either of the two ways out, and counts it. */
export function askChunk(
  call: Call,
  chunk: unknown,
  via: "body" | "write",
  complete = false,
): void {
  const { started, steps, isHead } = call;
  if (isThenable(chunk)) {
    // Refused, not awaited: its rejection must not end the process.
    chunk.then(ignore, ignore);
  }
  call.ask("proceed", { swallowed: call.swallowed });
  call.ask("chunk", {
    via,
    chunk,
    code: started?.code,
    forHead: isHead && !complete,
    during: steps > 0,
  });
  if (via === "body") {
    call.chunks++;
  }
  if (isBytes(chunk)) {
    call.produced += chunk.length;
    call.recording?.add(chunk);
  }
  askLength(call, false);
}

/** Asks the rules whether the bytes fit what Content-Length announces. */
function askLength(call: Call, ended: boolean): void {
  const { produced, started, isHead } = call;
  call.ask("length", {
    produced,
    announced: started?.announced,
    ended,
    bodiless: isHead || started?.code === 304,
  });
}

/** Asks the rules about a body that is complete. */
export function askEnd(call: Call): void {
  call.ask("proceed", { swallowed: call.swallowed });
  askList(call);
  askLength(call, true);
  call.ask("end", {
    code: call.started?.code,
    produced: call.produced,
    chunks: call.chunks,
    contentType: call.started?.contentType,
  });
  call.ask("done", { pendingReads: call.pendingReads });
  if (call.recording !== undefined) {
    call.recording.complete = true;
  }
}

/** Asks the rules whether a middleware gives as many chunks as it takes. */
export function askPace(call: Call): void {
  call.ask("pace", { taken: call.below?.iterated ?? 0, given: call.iterated });
}

/** Asks the rules whether the header list is what it was. */
export function askList(call: Call): void {
  if (call.list !== undefined) {
    call.ask("list", call.list);
  }
}
