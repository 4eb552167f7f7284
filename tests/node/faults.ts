// An application for a process of its own: what it prints on standard output tells what has happened.

import { type Application, type Environ, type StartResponse, text } from "dram";

const gates = new Map<string, () => void>();

const cases: Record<string, Application> = {
  "/hello"(_environ, startResponse) {
    startResponse("200 OK", []);
    return text("hello");
  },

  /** Waits for `/open?NAME` before it answers. */
  async "/waits"(environ, startResponse) {
    await gate(environ);
    startResponse("200 OK", []);
    return text("waited");
  },

  /** Waits in the middle of its body. */
  "/streams"(environ, startResponse) {
    startResponse("200 OK", []);
    return (async function* () {
      yield bytes("first,");
      await gate(environ);
      yield bytes("second");
    })();
  },

  /** Never ends unless it is told to. */
  "/hangs"(environ, startResponse) {
    const signal = environ["dram.signal"];
    startResponse("200 OK", []);
    console.log("started");
    const aborted = new Promise<void>((resolve) => {
      signal?.addEventListener("abort", () => {
        console.log(`aborted: ${signal.reason.code}: ${signal.reason.message}`);
        resolve();
      });
    });
    return {
      async *[Symbol.asyncIterator]() {
        yield bytes("first,");
        await aborted;
      },
      close() {
        console.log("closed");
      },
    };
  },

  "/open"(environ, startResponse) {
    gates.get(environ.QUERY_STRING)?.();
    startResponse("204 No Content", []);
    return [];
  },

  "/afterwards"(environ, startResponse) {
    environ["dram.wait_until"]?.(gate(environ).then(() => console.log("afterwards")));
    startResponse("200 OK", []);
    return text("first");
  },

  "/holds"(_environ, startResponse) {
    setInterval(() => {}, 1_000_000);
    startResponse("200 OK", []);
    return text("held");
  },

  "/rejects"(_environ, startResponse) {
    Promise.reject(new Error("left alone"));
    startResponse("200 OK", []);
    return text("rejected");
  },

  "/times"(_environ, startResponse) {
    setTimeout(() => {
      throw new Error("in a timer");
    });
    startResponse("200 OK", []);
    return text("timed");
  },

  "/throws"() {
    throw new Error("on purpose");
  },
};

export function application(environ: Environ, startResponse: StartResponse) {
  return (cases[environ.PATH_INFO] ?? cases["/throws"])?.(environ, startResponse) ?? [];
}

function gate({ QUERY_STRING: name }: Environ): Promise<void> {
  console.log(`waiting ${name}`);
  return new Promise((resolve) => gates.set(name, resolve));
}

function bytes(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}
