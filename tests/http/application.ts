import { type Application, type Body, type Environ, json, text } from "dram";

/** What the cases leave behind for later requests to see. */
const seen: Record<string, number> = {};
const gates = new Set<string>();

const PLAIN: [string, string] = ["Content-Type", "text/plain; charset=utf-8"];

/** One small application per path; the test names say what each is to prove. */
const cases: Record<string, Application> = {
  "/environ"(environ, startResponse) {
    startResponse("200 OK", [["Content-Type", "application/json"]]);
    return json(Object.fromEntries(Object.entries(environ).filter(isText)));
  },

  async "/extensions"(environ, startResponse) {
    startResponse("200 OK", [["Content-Type", "application/json"]]);
    return json({
      env: typeof environ["workers.env"],
      ctx: typeof environ["workers.ctx"],
      cf: typeof environ["workers.cf"],
      signal: environ["dram.signal"]?.aborted,
      capabilities: environ["dram.capabilities"],
    });
  },

  "/seen"(_environ, startResponse) {
    startResponse("200 OK", [["Content-Type", "application/json"]]);
    return json(seen);
  },

  "/open"(environ, startResponse) {
    gates.add(environ.QUERY_STRING);
    startResponse("204 No Content", []);
    return [];
  },

  "/text"(_environ, startResponse) {
    startResponse("200 OK", [PLAIN]);
    return text("größe");
  },

  "/untyped"(_environ, startResponse) {
    startResponse("200 OK", []);
    return text("no type");
  },

  "/chunks"(_environ, startResponse) {
    startResponse("200 OK", [PLAIN]);
    return [bytes("one,"), bytes("two,"), bytes("three")];
  },

  "/large-chunks"(_environ, startResponse) {
    startResponse("200 OK", [PLAIN]);
    return [new Uint8Array(100_000).fill(0x61), new Uint8Array(100_000).fill(0x62)];
  },

  "/empty"(_environ, startResponse) {
    startResponse("200 OK", [PLAIN]);
    return [];
  },

  *"/generator"(_environ: Environ, startResponse: Parameters<Application>[1]) {
    startResponse("200 OK", [PLAIN]);
    yield bytes("a");
    yield bytes("");
    yield bytes("b");
  },

  async *"/late-start"(_environ: Environ, startResponse: Parameters<Application>[1]) {
    yield bytes("");
    startResponse("418 I'm a teapot", [PLAIN]);
    yield bytes("short and stout");
  },

  async "/write"(_environ, startResponse) {
    const write = startResponse("200 OK", [PLAIN]);
    write(bytes("1"));
    await write(bytes("2"));
    return [bytes("3")];
  },

  async "/write-gate"(_environ, startResponse) {
    const write = startResponse("200 OK", [PLAIN]);
    await write(bytes("first,"));
    await gate("write-gate");
    return [bytes("second")];
  },

  "/gate"(environ, startResponse) {
    startResponse("200 OK", [PLAIN]);
    return (async function* () {
      yield bytes("first,");
      await gate(environ.QUERY_STRING);
      yield bytes("second");
    })();
  },

  "/cookies"(_environ, startResponse) {
    startResponse("200 OK", [
      ["Set-Cookie", "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT"],
      ["X-Foo", "foo"],
      ["Set-Cookie", "b=2"],
      ["X-Foo", "bar, baz"],
    ]);
    return [bytes("ok")];
  },

  "/header-bytes"(_environ, startResponse) {
    startResponse("200 OK", [
      ["X-Latin", "caf\u00e9"],
      ["X-Utf8", "caf\u00c3\u00a9"],
    ]);
    return [bytes("ok")];
  },

  "/encoded"(_environ, startResponse) {
    startResponse("200 OK", [PLAIN, ["Content-Encoding", "gzip"]]);
    return [bytes("not really compressed")];
  },

  async *"/encoded-stream"(_environ: Environ, startResponse: Parameters<Application>[1]) {
    startResponse("200 OK", [PLAIN, ["Content-Encoding", "gzip"]]);
    yield bytes("not really ");
    yield bytes("compressed");
  },

  "/status"(environ, startResponse) {
    startResponse(environ.QUERY_STRING.replaceAll("+", " "), [["ETag", '"x"']]);
    return [bytes("dropped where it must be")];
  },

  "/invalid"(environ, startResponse) {
    const [status, headers] = invalid[environ.QUERY_STRING] ?? ["200 OK", []];
    startResponse(status, headers);
    return [bytes("never sent")];
  },

  "/reason"(_environ, startResponse) {
    startResponse("200 Gr\u00c3\u00bc\u00c3\u009fe", []);
    return [];
  },

  "/throws"() {
    throw new Error("secret before the start");
  },

  "/throws-after-start"(_environ, startResponse) {
    startResponse("200 OK", [["X-Secret", "1"]]);
    throw new Error("secret after the start");
  },

  async *"/breaks"(_environ: Environ, startResponse: Parameters<Application>[1]) {
    startResponse("200 OK", [PLAIN]);
    yield bytes("part");
    throw new Error("secret in the middle");
  },

  async *"/breaks-with-length"(_environ: Environ, startResponse: Parameters<Application>[1]) {
    startResponse("200 OK", [PLAIN, ["Content-Length", "1000"]]);
    yield bytes("part");
    throw new Error("secret in the middle");
  },

  async *"/short"(_environ: Environ, startResponse: Parameters<Application>[1]) {
    startResponse("200 OK", [PLAIN, ["Content-Length", "10"]]);
    yield bytes("short");
  },

  async *"/surplus"(_environ: Environ, startResponse: Parameters<Application>[1]) {
    startResponse("200 OK", [PLAIN, ["Content-Length", "4"]]);
    yield bytes("0123456789");
    count("surplus asked for more");
  },

  async "/echo"(environ, startResponse) {
    const input = environ["wsgi.input"];
    startResponse("200 OK", [["Content-Type", "application/octet-stream"]]);
    return (async function* () {
      for (;;) {
        const chunk = await input.read(65_536);
        if (chunk.length === 0) {
          return;
        }
        yield chunk;
      }
    })();
  },

  async "/count"(environ, startResponse) {
    let length = 0;
    for (;;) {
      const chunk = await environ["wsgi.input"].read(65_536);
      if (chunk.length === 0) {
        break;
      }
      length += chunk.length;
    }
    startResponse("200 OK", [PLAIN]);
    return text(String(length));
  },

  async "/lines"(environ, startResponse) {
    const lines: string[] = [];
    for await (const line of environ["wsgi.input"]) {
      lines.push(new TextDecoder().decode(line));
    }
    startResponse("200 OK", [["Content-Type", "application/json"]]);
    return json(lines);
  },

  "/unread"(_environ, startResponse) {
    startResponse("200 OK", [PLAIN]);
    return text("not read");
  },

  "/endless"(environ, startResponse) {
    count("endless started");
    startResponse("200 OK", [["Content-Type", "application/octet-stream"]]);
    environ["dram.signal"]?.addEventListener("abort", () => count("endless aborted"));
    return {
      async *[Symbol.asyncIterator]() {
        try {
          for (;;) {
            yield new Uint8Array(65_536);
            await pause(5);
          }
        } finally {
          count("endless finally");
        }
      },
      close() {
        count("endless closed");
      },
    };
  },

  async "/waits"(environ, startResponse) {
    const signal = environ["dram.signal"];
    count("waits started");
    startResponse("200 OK", [PLAIN]);
    return {
      async *[Symbol.asyncIterator]() {
        yield bytes("tick");
        // workerd calls a Worker hung that waits for nothing but the signal: hence the timer.
        const aborted = new Promise<void>((resolve) => {
          signal?.addEventListener("abort", () => resolve());
        });
        await Promise.race([aborted, pause(30_000)]);
      },
      close() {
        count("waits closed");
      },
    };
  },

  "/afterwards"(environ, startResponse) {
    environ["dram.wait_until"]?.(pause(20).then(() => count("afterwards done")));
    environ["dram.wait_until"]?.(Promise.reject(new Error("afterwards failed")));
    startResponse("200 OK", [PLAIN]);
    return text("first");
  },

  "/logs"(environ, startResponse) {
    environ["wsgi.errors"].write("one line\nand the beginning of → ");
    environ["wsgi.errors"].writelines(["another \ud800", "\nunfinished"]);
    startResponse("200 OK", [PLAIN]);
    return text("logged");
  },

  async "/identity"(environ, startResponse) {
    await pause(Number(environ.QUERY_STRING.length % 7));
    environ["wsgi.errors"].write(`identity ${environ.QUERY_STRING}\n`);
    startResponse("200 OK", [["X-Identity", environ.QUERY_STRING]]);
    return [bytes(environ.QUERY_STRING)];
  },

  "/file"(environ, startResponse) {
    const blocks = [8192, 8192, 3616];
    const file = {
      read: () => new Uint8Array(blocks.shift() ?? 0).fill(0x78),
      close: () => count("file closed"),
    };
    startResponse("200 OK", [PLAIN]);
    return environ["wsgi.file_wrapper"]?.(file, 8192) ?? [];
  },
};

/** What `startResponse` must refuse, by name. */
export const invalid: Record<string, [status: string, headers: [string, string][]]> = {
  crlf: ["200 OK", [["X-Evil", "a\r\nX-Injected: 1"]]],
  bell: ["200 OK", [["X-Evil", "a\u0007b"]]],
  nul: ["200 OK", [["X-Evil", "a\0b"]]],
  wide: ["200 OK", [["X-Evil", "\u0142"]]],
  "trailing-crlf": ["200 OK", [["X-Evil", "a\r\n"]]],
  name: ["200 OK", [["X Evil", "1"]]],
  hop: ["200 OK", [["Connection", "X-Evil"]]],
  "two-lengths": [
    "200 OK",
    [
      ["Content-Length", "1"],
      ["Content-Length", "2"],
    ],
  ],
  "status-crlf": ["200 OK\r\nX-Evil: 1", []],
  "status-short": ["200", []],
  "status-101": ["101 Switching Protocols", []],
  "status-600": ["600 Odd", []],
};

/** No applications at all, by name: what a newcomer may hand over by mistake. */
export const wrong: Record<string, unknown> = {
  "not-a-function": { fetch() {} },
  string: answering("a string"),
  bytes: answering(new Uint8Array([1])),
  response: (...[, startResponse]: Parameters<Application>) => {
    startResponse("200 OK", []);
    return new Response("x");
  },
  null: answering(null),
  nothing: answering(undefined),
  number: answering(7),
  "string-chunks": answering(["a string"]),
  *"generated-strings"(...[, startResponse]: Parameters<Application>) {
    startResponse("200 OK", []);
    yield "a string";
  },
  "never-started": () => [new Uint8Array([1])],
  "never-started-empty": () => [],
};

/** All cases behind one application. */
export const application: Application = (environ, startResponse): Body | Promise<Body> => {
  const found = cases[environ.HTTP_X_CASE ?? environ.PATH_INFO];
  count("called");
  if (found === undefined) {
    startResponse("404 Not Found", [PLAIN]);
    return text("no such case");
  }
  return found(environ, startResponse);
};

function answering(body: unknown): (...parameters: Parameters<Application>) => unknown {
  return (_environ, startResponse) => {
    startResponse("200 OK", []);
    return body;
  };
}

function isText(entry: [string, unknown]): entry is [string, string] {
  return typeof entry[1] === "string";
}

function count(name: string): void {
  seen[name] = (seen[name] ?? 0) + 1;
}

function bytes(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits for a request to `/open?name`. */
async function gate(name: string): Promise<void> {
  while (!gates.has(name)) {
    await pause(5);
  }
}
