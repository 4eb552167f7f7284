// What the tests of dram/cgi serve: one path for each thing that a program may do.

import { type Application, type Body, type Environ, encodeUtf8, json, text } from "dram";

/** Set while the program starts, as a module that an application imports may. */
process.env.DRAM_CHANGED = "\u20ac";

const PLAIN: [string, string] = ["Content-Type", "text/plain; charset=utf-8"];

const routes: Readonly<Record<string, Application>> = {
  "/environ"(environ, startResponse) {
    startResponse("200 OK", [["Content-Type", "application/json"]]);
    const strings = Object.entries(environ).filter(([, value]) => typeof value !== "object");
    return json({ ...Object.fromEntries(strings), proxy: process.env.HTTP_PROXY ?? "none" });
  },
  "/headers"(_environ, startResponse) {
    startResponse("299 Fr\xf6ody", [
      ["X-B", "1"],
      ["Set-Cookie", "a=1"],
      ["x-a", "caf\xe9"],
      ["Set-Cookie", "b=2"],
    ]);
    return [Uint8Array.from({ length: 256 }, (_, index) => index)];
  },
  "/reasonless"(_environ, startResponse) {
    startResponse("200 ", []);
    return [];
  },
  "/text"(_environ, startResponse) {
    startResponse("200 OK", []);
    return text("h\xe9");
  },
  "/204"(_environ, startResponse) {
    startResponse("204 No Content", []);
    return [];
  },
  "/304"(_environ, startResponse) {
    startResponse("304 Not Modified", [["ETag", '"a"']]);
    return [];
  },
  "/pieces"(_environ, startResponse) {
    startResponse("200 OK", []);
    return [encodeUtf8("a"), encodeUtf8("b"), new Uint8Array(100_000)];
  },
  "/throws"() {
    throw new Error("thrown");
  },
  "/answers-500"(_environ, startResponse) {
    startResponse("500 Internal Server Error", []);
    return [];
  },
  async "/breaks"(_environ, startResponse) {
    startResponse("200 OK", [["Content-Length", "10"]]);
    return (async function* () {
      yield encodeUtf8("part");
      throw new Error("broken");
    })();
  },
  "/prints"(_environ, startResponse) {
    console.log("stray log");
    process.stdout.write("stray write\n");
    startResponse("200 OK", [PLAIN]);
    return text("body");
  },
  async "/reads"(environ, startResponse) {
    const body = await environ["wsgi.input"].read();
    startResponse("200 OK", []);
    return text(`${body.length}`);
  },
  async "/echoes"(environ, startResponse) {
    const input = environ["wsgi.input"];
    startResponse("200 OK", []);
    return (async function* () {
      for (
        let chunk = await input.read(65_536);
        chunk.length > 0;
        chunk = await input.read(65_536)
      ) {
        yield chunk;
      }
    })();
  },
  /** The second chunk comes when the client has sent something. */
  async "/turns"(environ, startResponse) {
    const input = environ["wsgi.input"];
    startResponse("200 OK", []);
    return (async function* () {
      yield encodeUtf8("first ");
      yield await input.read(1);
    })();
  },
  async "/commits"(environ, startResponse) {
    await startResponse("200 OK", [])(encodeUtf8(""));
    return [await environ["wsgi.input"].read(1)];
  },
  "/large"(_environ, startResponse) {
    startResponse("200 OK", []);
    return (async function* () {
      for (let index = 0; index < 64; index++) {
        yield new Uint8Array(65_536);
      }
    })();
  },
  "/endless": endless,
  "/floods"(environ, startResponse) {
    told(environ);
    setTimeout(() => process.kill(process.pid, "SIGTERM"), 50);
    startResponse("200 OK", []);
    const chunk = encodeUtf8("x");
    const body = (async function* () {
      for (;;) {
        yield chunk;
      }
    })();
    return Object.assign(body, { close: () => console.error("closed") });
  },
  "/pending": (environ) => {
    told(environ);
    console.error("called");
    setInterval(() => {}, 1000);
    return new Promise(() => {});
  },
  "/stopped-at-once"(environ) {
    told(environ);
    process.kill(process.pid, "SIGTERM");
    setInterval(() => {}, 1000);
    return new Promise(() => {});
  },
  "/stuck": () => new Promise(() => {}),
  "/stuck-later"(_environ, startResponse) {
    startResponse("200 OK", []);
    const body = (async function* () {
      yield encodeUtf8("first");
      await new Promise(() => {});
    })();
    return Object.assign(body, { close: () => console.error("closed") });
  },
  "/works-on"(environ, startResponse) {
    const gate = new Promise((resolve) => {
      process.stdin.once("data", resolve);
    });
    environ["dram.wait_until"]?.(gate.then(() => console.error("done")));
    startResponse("200 OK", []);
    return text("body");
  },
  "/floats"(_environ, startResponse) {
    Promise.reject(new Error("floating"));
    setImmediate(() => {
      throw new Error("uncaught");
    });
    startResponse("200 OK", []);
    return (async function* () {
      // Behind the error, which has come first.
      await new Promise((resolve) => setImmediate(resolve));
      yield encodeUtf8("body");
    })();
  },
  "/holds"(_environ, startResponse) {
    setInterval(() => {}, 1000);
    startResponse("200 OK", []);
    return text("body");
  },
};

export const application: Application = (environ, startResponse) => {
  const route = routes[environ.PATH_INFO] ?? routes["/environ"];
  if (route === undefined) {
    throw new Error("no route");
  }
  return route(environ, startResponse);
};

/** Tells in the log when it is closed, and how far it was ahead after half a second. */
function endless(environ: Environ, startResponse: Parameters<Application>[1]): Body {
  told(environ);
  startResponse("200 OK", []);
  let pulled = 0;
  setTimeout(() => console.error(`pulled ${pulled}`), 500);
  const body = (async function* () {
    for (;;) {
      pulled++;
      yield new Uint8Array(65_536);
    }
  })();
  return Object.assign(body, { close: () => console.error("closed") });
}

function told(environ: Environ): void {
  environ["dram.signal"]?.addEventListener("abort", () => {
    const reason: unknown = environ["dram.signal"]?.reason;
    console.error(`aborted: ${reason instanceof Error && "code" in reason ? reason.code : ""}`);
  });
}
