import { reasonOf, requestHeaders } from "dram";
import { describe, expect, test } from "vitest";
import { environOf } from "./helpers.ts";

describe("requestHeaders", () => {
  test("is the way back from environ, names in lower case", () => {
    const environ = environOf({
      fields: [
        ["Host", "h.example"],
        ["Content-Type", "text/plain"],
        ["Content-Length", "5"],
        ["X-Forwarded-For", "192.0.2.1"],
        ["X-Empty", ""],
        ["X-Name", "caf\xc3\xa9"],
        ["Cookie", "a=1"],
        ["Cookie", "b=2"],
        ["X-Twice", "a"],
        ["X-Twice", "b"],
      ],
    });
    expect(requestHeaders(environ).toSorted()).toEqual([
      ["content-length", "5"],
      ["content-type", "text/plain"],
      ["cookie", "a=1; b=2"],
      ["host", "h.example"],
      ["x-empty", ""],
      ["x-forwarded-for", "192.0.2.1"],
      ["x-name", "caf\xc3\xa9"],
      ["x-twice", "a, b"],
    ]);
  });

  test("has what middleware has added and changed, and not what it has removed", () => {
    const environ = environOf({
      fields: [
        ["X-Gone", "1"],
        ["X-Old", "1"],
      ],
    });
    delete environ.HTTP_X_GONE;
    environ.HTTP_X_OLD = "2";
    expect(requestHeaders({ ...environ, HTTP_X_NEW: "3" })).toEqual([
      ["x-old", "2"],
      ["x-new", "3"],
    ]);
  });

  test("leaves out the empty variables that CGI has for absent headers", () => {
    const environ = { ...environOf(), CONTENT_TYPE: "", CONTENT_LENGTH: "" };
    expect(requestHeaders(environ)).toEqual([]);
  });
});

describe("reasonOf", () => {
  test.each([
    [200, "OK"],
    [418, "I'm a teapot"],
    [511, "Network Authentication Required"],
    [299, ""],
  ])("%i: %s", (code, reason) => {
    expect(reasonOf(code)).toBe(reason);
  });
});
