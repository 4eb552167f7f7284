import type { Application, Environ } from "dram";
import { type Draw, draw } from "./draw.ts";

export interface EventOptions {
  /** Milliseconds from one event to the next. Default 1000. */
  interval?: number;
  /** Events of one response; then the browser asks for more. Default 20. */
  perResponse?: number;
}

/** Events that a browser which comes back is given at most of what it has missed. */
const BACKLOG = 100;

/**
 * Server-sent events: a number is drawn at every tick of the clock.
 *
 * No response lasts for ever: functions have a deadline, proxies lose patience, trains go through
 * tunnels. So each ends by itself now and then, and the browser comes back with the id of the last
 * event that it has seen (`Last-Event-ID`) and is given those that it has missed. The id is the count
 * of the clock, so that any copy of the application, anywhere, knows what came before.
 */
export function events({ interval = 1000, perResponse = 20 }: EventOptions): Application {
  return (environ, startResponse) => {
    startResponse("200 OK", [
      ["Content-Type", "text/event-stream"],
      ["Cache-Control", "no-store"],
    ]);
    return stream(environ);
  };

  async function* stream(environ: Environ): AsyncGenerator<Uint8Array> {
    const signal = environ["dram.signal"];
    let id = firstId(environ.HTTP_LAST_EVENT_ID, now());
    // How long the browser waits before it comes back.
    yield new TextEncoder().encode(`retry: ${interval}\n\n`);
    for (let sent = 0; sent < perResponse && !signal?.aborted; ) {
      if (id <= now()) {
        yield encode(draw(id, interval));
        id += 1;
        sent += 1;
      } else {
        await pause(id * interval - Date.now(), signal);
      }
    }
  }

  function now(): number {
    return Math.floor(Date.now() / interval);
  }
}

/** Where to go on; the header is the client's, and may be anything. */
function firstId(lastSeen: string | undefined, now: number): number {
  const last = /^\d{1,15}$/.test(lastSeen ?? "") ? Number(lastSeen) : now - 1;
  return Math.min(Math.max(last + 1, now - BACKLOG), now + 1);
}

function encode(event: Draw): Uint8Array {
  return new TextEncoder().encode(`id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`);
}

/** Waits, but not for a client that has left. */
function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener("abort", end);

    function end() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    }
  });
}
