// An application for a process of its own: what it prints on standard output tells what has happened.

import { type Application, DramError, type Environ, type StartResponse, text } from "dram";

/** Bytes that `/floods` has yielded. */
let pulled = 0;
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

  /** Opens gates when its body has come: in flight until then. */
  async "/opens"(environ, startResponse) {
    console.log(`opening ${environ.QUERY_STRING}`);
    await environ["wsgi.input"].read();
    for (const name of environ.QUERY_STRING.split(",")) {
      gates.get(name)?.();
    }
    startResponse("204 No Content", []);
    return [];
  },

  async "/uploads"(environ, startResponse) {
    const input = environ["wsgi.input"];
    console.log(`read ${(await input.read(10)).length}`);
    try {
      await input.read();
    } catch (error) {
      console.log(`refused: ${codeOf(error)}`);
    }
    startResponse("200 OK", []);
    return [];
  },

  async "/waits-for-signal"(environ, startResponse) {
    const signal = environ["dram.signal"];
    console.log("waiting");
    await new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve()));
    console.log(`aborted: ${codeOf(signal?.reason)}`);
    startResponse("200 OK", []);
    return [];
  },

  /** Without end. */
  "/floods"(environ, startResponse) {
    const signal = environ["dram.signal"];
    signal?.addEventListener("abort", () => console.log(`aborted: ${codeOf(signal.reason)}`));
    startResponse("200 OK", []);
    console.log("flooding");
    return {
      *[Symbol.iterator]() {
        for (const chunk = new Uint8Array(65_536); ; pulled += chunk.length) {
          yield chunk;
        }
      },
      close() {
        console.log("closed");
      },
    };
  },

  "/pulled"(_environ, startResponse) {
    startResponse("200 OK", []);
    return text(String(pulled));
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

  async *"/breaks"(_environ: Environ, startResponse: StartResponse) {
    startResponse("200 OK", []);
    yield bytes("first,");
    throw new Error("in the middle");
  },

  "/throws"() {
    throw new Error("on purpose");
  },
};

export function application(environ: Environ, startResponse: StartResponse) {
  return (cases[environ.PATH_INFO] ?? cases["/throws"])?.(environ, startResponse) ?? [];
}

function codeOf(error: unknown): unknown {
  return error instanceof DramError ? error.code : error;
}

function gate({ QUERY_STRING: name }: Environ): Promise<void> {
  console.log(`waiting ${name}`);
  return new Promise((resolve) => gates.set(name, resolve));
}

function bytes(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}
