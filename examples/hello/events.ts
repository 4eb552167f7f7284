import type { Application } from "dram";

/** Server-sent events: one a second, for as long as the client listens. */
export const events: Application = (environ, startResponse) => {
  startResponse("200 OK", [
    ["Content-Type", "text/event-stream"],
    ["Cache-Control", "no-store"],
  ]);
  return ticks(environ["dram.signal"]);
};

async function* ticks(signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  for (let tick = 1; !signal?.aborted; tick += 1) {
    const time = new Date().toISOString().slice(11, 19);
    yield new TextEncoder().encode(`data: tick ${tick} at ${time} UTC\n\n`);
    await pause(1000, signal);
  }
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
