import { Input, mayHaveInput } from "dram";
import { describe, expect, test } from "vitest";
import { environOf, Source } from "./helpers.ts";

describe("mayHaveInput", () => {
  test.each([
    ["5", true],
    ["0", false],
  ])("goes by a Content-Length of %s", (length, wanted) => {
    const environ = environOf({ fields: [["Content-Length", length]], body: new Source("hello") });
    expect(mayHaveInput(environ)).toBe(wanted);
  });

  test.each(["GET", "POST"])("goes by the platform for a %s without Content-Length", (method) => {
    const source = new Source("hello");
    expect(mayHaveInput(environOf({ line: { method }, body: source }))).toBe(true);
    expect(source.reads).toBe(0);
    expect(mayHaveInput(environOf({ line: { method }, body: null }))).toBe(false);
  });

  test("takes the empty CONTENT_LENGTH of CGI for none", () => {
    const environ = { ...environOf({ body: new Source("hello") }), CONTENT_LENGTH: "" };
    expect(mayHaveInput(environ)).toBe(true);
  });

  test.each([
    ["GET", false],
    ["HEAD", false],
    ["POST", true],
    ["DELETE", true],
  ])("goes by the method %s where a middleware has put another stream", (method, wanted) => {
    const environ = environOf({ line: { method } });
    const { read, readline, readlines, [Symbol.asyncIterator]: lines } = environ["wsgi.input"];
    environ["wsgi.input"] = { read, readline, readlines, [Symbol.asyncIterator]: lines };
    expect(mayHaveInput(environ)).toBe(wanted);
  });

  test("takes a body that cannot be opened for one that is there", () => {
    const locked = (): never => {
      throw new TypeError("locked");
    };
    const input = new Input(locked, { announced: undefined, limit: 10 });
    const environ = Object.assign(environOf(), { "wsgi.input": input });
    expect(mayHaveInput(environ)).toBe(true);
  });
});
