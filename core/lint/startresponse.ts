import { parseLength } from "../headers.ts";
import { parseStatus } from "../status.ts";
import type { HeaderList, StartResponse, Write } from "../types.ts";
import { askChunk } from "./ask.ts";
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

function headerOf(headers: HeaderList, lowerName: string): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === lowerName)?.[1];
}
