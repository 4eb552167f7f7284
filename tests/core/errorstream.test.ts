import { createGateway, type ErrorStream } from "dram";
import { toFetch } from "dram/fetch";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { environOf, gateway, Log, latin1, unhandledRejectionsOf } from "./helpers.ts";

function errorsTo(errors: ErrorStream): ErrorStream {
  return environOf({ gateway: gateway({ errors }) })["wsgi.errors"];
}

/** Something that is no string, for a method that wants one. */
function untyped(value: unknown): string {
  return value as string;
}

test("S30 a line is sent when its line feed comes, and not before", () => {
  const log = new Log();
  const errors = errorsTo(log);
  errors.write("one ");
  errors.write("line");
  expect(log.writes).toEqual([]);
  errors.write("\n");
  expect(log.writes).toEqual(["one line\n"]);
});

test("S30 each line of a text is one write", () => {
  const log = new Log();
  const errors = errorsTo(log);
  errors.write("a\nb\n\nc\nrest");
  expect(log.writes).toEqual(["a\n", "b\n", "\n", "c\n"]);
  errors.write("\n");
  expect(log.writes.slice(4)).toEqual(["rest\n"]);
});

test("S30 flush sends an unfinished line with a line feed, once", () => {
  const log = new Log();
  const errors = errorsTo(log);
  errors.write("unfinished");
  errors.flush();
  errors.flush();
  expect(log.writes).toEqual(["unfinished\n"]);
  errors.write("next\n");
  expect(log.writes).toEqual(["unfinished\n", "next\n"]);
});

test("S30 flush without an unfinished line sends nothing", () => {
  const log = new Log();
  const errors = errorsTo(log);
  errors.flush();
  errors.write("");
  errors.write("a\n");
  errors.flush();
  expect(log.writes).toEqual(["a\n"]);
});

test("S30 the gateway flushes at the end of the request", async () => {
  const log = new Log();
  const handle = toFetch(
    (environ, startResponse) => {
      environ["wsgi.errors"].write("unfinished");
      startResponse("200 OK", []);
      return [latin1("done")];
    },
    { errors: log },
  );
  await handle(new Request("http://h.example/"));
  expect(log.writes).toEqual(["unfinished\n"]);
});

test("S30 writelines adds no line feeds", () => {
  const log = new Log();
  const errors = errorsTo(log);
  errors.writelines(["a\n", "b", "c\n", "d\ne\n"]);
  expect(log.writes).toEqual(["a\n", "bc\n", "d\n", "e\n"]);
});

test("S30 lines of two requests in flight together do not mix", () => {
  const log = new Log();
  const made = gateway({ errors: log });
  const first = environOf({ gateway: made })["wsgi.errors"];
  const second = environOf({ gateway: made })["wsgi.errors"];
  first.write("first ");
  second.write("second ");
  first.write("request\nfirst again");
  second.write("request\n");
  first.flush();
  expect(log.writes).toEqual(["first request\n", "second request\n", "first again\n"]);
});

test("S30 a line over 16384 characters is sent unfinished", () => {
  const log = new Log();
  const errors = errorsTo(log);
  errors.write("a".repeat(16_384));
  expect(log.writes).toEqual([]);
  errors.write("b");
  expect(log.writes).toEqual([`${"a".repeat(16_384)}b\n`]);
  errors.write("c\n");
  expect(log.writes.slice(1)).toEqual(["c\n"]);
});

test("S30 any texts arrive as their lines, however they are cut", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[ab\n]{0,4}$/)), (texts) => {
      const log = new Log();
      const errors = errorsTo(log);
      for (const text of texts) {
        errors.write(text);
      }
      errors.flush();
      const all = texts.join("");
      const ended = all === "" || all.endsWith("\n") ? all : `${all}\n`;
      expect(log.writes).toEqual(ended.match(/[^\n]*\n/g) ?? []);
    }),
  );
});

test("S31 any Unicode is taken", () => {
  const log = new Log();
  errorsTo(log).write("\u2192 caf\xe9 \u{1f600}\n");
  expect(log.writes).toEqual(["\u2192 caf\xe9 \u{1f600}\n"]);
});

test("S31 a lone surrogate becomes U+FFFD", () => {
  const log = new Log();
  errorsTo(log).write("a\ud800b\udc00\n");
  expect(log.writes).toEqual(["a\ufffdb\ufffd\n"]);
});

test.each([
  ["a number", 5, "5"],
  ["null", null, "null"],
  ["undefined", undefined, "undefined"],
  ["a symbol", Symbol("x"), "Symbol(x)"],
  ["an error", new Error("broken"), "Error: broken"],
  ["an array", ["a", "b"], "a,b"],
])("S31 %s is written as String() has it", (_name, value, expected) => {
  const log = new Log();
  const errors = errorsTo(log);
  errors.write(untyped(value));
  errors.flush();
  expect(log.writes).toEqual([`${expected}\n`]);
});

test.each([
  ["without a prototype", Object.create(null)],
  [
    "whose toString throws",
    {
      toString() {
        throw new Error("no");
      },
    },
  ],
])("S31 an object %s does not make write throw", (_name, value) => {
  const log = new Log();
  const errors = errorsTo(log);
  errors.write(untyped(value));
  errors.write(" and more\n");
  expect(log.writes).toEqual([expect.stringMatching(/ and more\n$/)]);
});

test("S31 a log that throws does not reach the application", () => {
  const errors = errorsTo({
    write() {
      throw new Error("EPIPE");
    },
    writelines() {
      throw new Error("EPIPE");
    },
    flush() {
      throw new Error("EPIPE");
    },
  });
  errors.write("a\nb\nc");
  errors.writelines(["d\n"]);
  errors.flush();
});

test("S31 a log that fails once gets the lines after that", () => {
  const lines: string[] = [];
  let calls = 0;
  const errors = errorsTo({
    write(line) {
      calls++;
      if (calls === 1) {
        throw new Error("EAGAIN");
      }
      lines.push(line);
    },
    writelines() {},
    flush() {},
  });
  errors.write("a\nb\nc\n");
  expect(lines).toEqual(["b\n", "c\n"]);
});

test("S31 a log whose promise rejects is no unhandled rejection", async () => {
  const errors = errorsTo({
    async write() {
      throw new Error("EPIPE");
    },
    writelines() {},
    flush() {},
  });
  expect(await unhandledRejectionsOf(() => errors.write("a\n"))).toEqual([]);
});

test("S31 writelines of an iterable that throws keeps what came before, and does not throw", () => {
  const log = new Log();
  const errors = errorsTo(log);
  errors.writelines(
    (function* () {
      yield "a\n";
      yield "b";
      throw new Error("no more");
    })(),
  );
  errors.flush();
  expect(log.writes).toEqual(["a\n", "b\n"]);
});

test.each([
  ["null", null],
  ["a number", 5],
  ["an object", {}],
])("S31 writelines of %s does not throw", (_name, value) => {
  const wrong: unknown = value;
  errorsTo(new Log()).writelines(wrong as string[]);
});

test("S31 the log is called with itself as this", () => {
  const seen: unknown[] = [];
  const log: ErrorStream = {
    write() {
      seen.push(this);
    },
    writelines() {},
    flush() {},
  };
  errorsTo(log).write("a\n");
  expect(seen).toEqual([log]);
});

test("S31 without the option errors, each line is one call of console.error", () => {
  const console = vi.spyOn(globalThis.console, "error").mockImplementation(() => {});
  try {
    const made = createGateway({}, gateway().platform);
    const errors = environOf({ gateway: made })["wsgi.errors"];
    errors.write("one\ntwo");
    errors.writelines([" 100%s\n", "\n"]);
    expect(console.mock.calls).toEqual([["one"], ["two 100%s"], [""]]);
  } finally {
    console.mockRestore();
  }
});

test("S31 createGateway takes an error stream that is an instance of a class", () => {
  const log = new Log();
  environOf({ gateway: gateway({ errors: log }) })["wsgi.errors"].write("a\n");
  expect(log.writes).toEqual(["a\n"]);
});
