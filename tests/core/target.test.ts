import { cutUrl, splitHost } from "dram";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { coded } from "./helpers.ts";

describe("cutUrl", () => {
  test.each([
    ["http://h.example/x?y=1", "http", "h.example", "/x?y=1"],
    ["https://h.example:8443/", "https", "h.example:8443", "/"],
    ["http://H.Example:80/x", "http", "H.Example:80", "/x"],
    ["http://h.example", "http", "h.example", "/"],
    ["http://[::1]:3000/x", "http", "[::1]:3000", "/x"],
    ["http://[::1]/x", "http", "[::1]", "/x"],
    ["http://h//evil.example/x", "http", "h", "//evil.example/x"],
    ["http://h/a/../b/./c", "http", "h", "/a/../b/./c"],
    ["http://h/%2e%2e/x", "http", "h", "/%2e%2e/x"],
    ["http://h/a\\b", "http", "h", "/a\\b"],
    ["http://h/caf\xe9", "http", "h", "/caf\xe9"],
    ["http://h/x#frag", "http", "h", "/x#frag"],
    ["http://h/*", "http", "h", "/*"],
    ["http://h/x?u=http://evil.example/y", "http", "h", "/x?u=http://evil.example/y"],
    ["http://h/http://evil.example/y", "http", "h", "/http://evil.example/y"],
    ["http://h/user@evil.example", "http", "h", "/user@evil.example"],
  ])("%s is cut without being normalised", (url, scheme, authority, target) => {
    expect(cutUrl(url)).toMatchObject({ scheme, authority, target });
  });

  test.each([
    ["/x?y=1"],
    ["/"],
    ["//x"],
    ["//evil.example/x"],
    ["/x?u=http://evil.example/y"],
    ["/http://evil.example"],
  ])("the relative URL %s is a target without an authority", (url) => {
    expect(cutUrl(url)).toEqual({ scheme: "", authority: "", name: "", port: "", target: url });
  });

  test("the host is split from its port", () => {
    expect(cutUrl("http://[::1]:3000/x")).toMatchObject({ name: "[::1]", port: "3000" });
  });

  test("what is no origin is refused again the second time", () => {
    const url = "http://twice@h.example/x";
    expect(() => cutUrl(url)).toThrow(coded("ERR_HOST"));
    expect(() => cutUrl(url)).toThrow(coded("ERR_HOST"));
  });

  test("T07 a Host pasted in front of the target is taken up to the first slash", () => {
    // The Host header "evil/admin?" itself is refused by RequestFields.
    expect(cutUrl("http://evil/admin?/p")).toEqual({
      scheme: "http",
      authority: "evil",
      name: "evil",
      port: "",
      target: "/admin?/p",
    });
  });

  test.each([
    ["userinfo", "http://good.example@evil.example/p"],
    ["userinfo with a password", "http://u:p@h/x"],
    ["a question mark before the path", "http://x?/private"],
    ["a number sign before the path", "http://x#/private"],
    ["a query without a path", "http://h?x=1"],
    ["a space", "http://a b/x"],
    ["a backslash", "http://good\\@evil/x"],
    ["markup", 'http://a<script>"b/x'],
    ["two hosts", "http://h.example, evil/x"],
    ["a percent escape", "http://%65vil/x"],
    ["no host", "http:///x"],
    ["a port alone", "http://:80/x"],
    ["an IPv6 literal without brackets", "http://::1/x"],
    ["an IPv6 literal that is not closed", "http://[::1/x"],
    ["a character that is not ASCII", "http://caf\xe9/x"],
    ["a control character", "http://a\0b/x"],
    ["no scheme", "h.example/x"],
    ["no slashes", "http:h.example/x"],
    ["a scheme alone", "http://"],
    ["nothing", ""],
    ["an asterisk", "*"],
    ["a query where the scheme should be", "x?u=http://evil.example/p"],
    ["an empty scheme", "://h/x"],
  ])("T07 a URL with %s is refused", (_name, url) => {
    expect(() => cutUrl(url)).toThrow(coded("ERR_HOST"));
  });

  test("T05 whatever stands behind the host arrives unchanged", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (rest) => {
        expect(cutUrl(`https://h.example:8443/${rest}`)).toEqual({
          scheme: "https",
          authority: "h.example:8443",
          name: "h.example",
          port: "8443",
          target: `/${rest}`,
        });
      }),
    );
  });
});

describe("splitHost", () => {
  test.each([
    ["h.example", "h.example", ""],
    ["h.example:8080", "h.example", "8080"],
    ["h.example:", "h.example", ""],
    ["192.0.2.1:80", "192.0.2.1", "80"],
    ["[::1]", "[::1]", ""],
    ["[::1]:80", "[::1]", "80"],
    ["[2001:db8::1]:", "[2001:db8::1]", ""],
    ["", "", ""],
  ])("%j is %j and %j", (authority, name, port) => {
    expect(splitHost(authority)).toEqual({ name, port });
  });
});
