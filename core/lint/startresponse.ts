import { isBytes } from "../bytes.ts";
import { parseLength } from "../headers.ts";
import { parseStatus } from "../status.ts";
import { ignore, isThenable } from "../thenable.ts";
import type { HeaderList, StartResponse, Write } from "../types.ts";
import type { Call } from "./call.ts";

/** `startResponse` as the application gets it: checked before the gateway's own sees the call. */
export function observeStartResponse(call: Call, startResponse: StartResponse): StartResponse {
  const observed: StartResponse = (...parameters) => {
    const [status, headers, error] = parameters;
    const { called } = call;
    call.called = true;
    call.ask("startResponse", { parameters, called });
    call.ask("status", { status });
    call.ask("headers", { headers });
    for (const [index, field] of headers.entries()) {
      call.ask("field", { index, field });
    }
    const { code } = parseStatus(status);
    call.ask("head", { code, headers });
    let write: Write;
    try {
      write = startResponse(...parameters);
    } catch (thrown) {
      if (error !== undefined && error !== null) {
        call.swallowed = { error: thrown };
      }
      throw thrown;
    }
    call.ask("started", { write });
    call.swallowed = undefined;
    // Taken now: a middleware may have changed the list on its way down.
    call.list = { given: headers.map(([name, value]) => [name, value]), now: headers };
    const length = headerOf(headers, "content-length");
    call.started = {
      code,
      announced: length === undefined ? undefined : parseLength(length),
      contentType: headerOf(headers, "content-type"),
    };
    call.recording?.start(status, headers);
    return observeWrite(call, write);
  };
  call.relate(observed);
  return observed;
}

function observeWrite(call: Call, write: Write): Write {
  return (...parameters) => {
    const [chunk] = parameters;
    askChunk(call, chunk, "write");
    const taken = write(...parameters);
    call.pendingWrites++;
    const settle = (): void => {
      call.pendingWrites--;
    };
    Promise.resolve(taken).then(settle, settle);
    return taken;
  };
}

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
    first: via === "write" && call.writes++ === 0,
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
export function askLength(call: Call, ended: boolean): void {
  const { produced, started, isHead } = call;
  call.ask("length", {
    produced,
    announced: started?.announced,
    ended,
    bodiless: isHead || started?.code === 304,
  });
}

function headerOf(headers: HeaderList, lowerName: string): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === lowerName)?.[1];
}
