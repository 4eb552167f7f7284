import { applicationUri, type Environ, requestTarget, requestUri } from "dram";
import { describe, expect, test } from "vitest";
import { environOf, gateway } from "./helpers.ts";

/** wsgiref's testing defaults: 127.0.0.1, port 80, http, no HTTP_HOST unless given. */
function environ(changes: Partial<Environ> = {}): Environ {
  const base = environOf({ line: { serverName: "127.0.0.1", serverPort: "80" } });
  return Object.assign(base, { HTTP_HOST: "127.0.0.1" }, changes);
}

describe("applicationUri", () => {
  test.each([
    ["http://127.0.0.1/", {}],
    ["http://127.0.0.1/spam", { SCRIPT_NAME: "/spam" }],
    ["http://127.0.0.1/sp%E4m", { SCRIPT_NAME: "/sp\xe4m" }],
    ["http://spam.example.com:2071/", { HTTP_HOST: "spam.example.com:2071", SERVER_PORT: "2071" }],
    ["http://spam.example.com/", { HTTP_HOST: "spam.example.com" }],
    ["http://127.0.0.1/", { SERVER_NAME: "spam.example.com" }],
    ["https://127.0.0.1/", { "wsgi.url_scheme": "https", SERVER_PORT: "443" }],
    ["http://127.0.0.1:8000/", { HTTP_HOST: "", SERVER_PORT: "8000" }],
  ])("is %s, as wsgiref has it", (uri, changes) => {
    expect(applicationUri(environ(changes))).toBe(uri);
  });

  test.each([
    ["http", "80", "http://server.example/"],
    ["http", "443", "http://server.example:443/"],
    ["http", "8080", "http://server.example:8080/"],
    ["https", "443", "https://server.example/"],
    ["https", "80", "https://server.example:80/"],
    ["https", "8443", "https://server.example:8443/"],
  ])("without a Host header, for %s and port %s, is %s", (scheme, serverPort, uri) => {
    const line = { scheme, serverName: "server.example", serverPort };
    expect(applicationUri(environOf({ line }))).toBe(uri);
  });

  test("takes the Host header with its port", () => {
    const changes = { HTTP_HOST: "h.example:80", SERVER_PORT: "1" };
    expect(applicationUri(environ(changes))).toBe("http://h.example:80/");
  });

  test("keeps IPv6 literals in brackets", () => {
    const line = { serverName: "[::1]", serverPort: "8080" };
    expect(applicationUri(environOf({ line }))).toBe("http://[::1]:8080/");
    expect(applicationUri(environ({ HTTP_HOST: "[::1]:3000" }))).toBe("http://[::1]:3000/");
  });
});

describe("requestUri", () => {
  test.each([
    ["http://127.0.0.1/", {}],
    ["http://127.0.0.1/spam", { SCRIPT_NAME: "/spam", PATH_INFO: "" }],
    ["http://127.0.0.1/sp%E4m", { SCRIPT_NAME: "/sp\xe4m", PATH_INFO: "" }],
    ["http://127.0.0.1/spammity/spam", { SCRIPT_NAME: "/spammity", PATH_INFO: "/spam" }],
    ["http://127.0.0.1/spammity/sp%E4m", { SCRIPT_NAME: "/spammity", PATH_INFO: "/sp\xe4m" }],
    ["http://127.0.0.1/spammity/spam;ham", { SCRIPT_NAME: "/spammity", PATH_INFO: "/spam;ham" }],
    [
      "http://127.0.0.1/spammity/spam;cookie=1234,5678",
      { SCRIPT_NAME: "/spammity", PATH_INFO: "/spam;cookie=1234,5678" },
    ],
    [
      "http://127.0.0.1/spammity/spam?say=ni",
      { SCRIPT_NAME: "/spammity", PATH_INFO: "/spam", QUERY_STRING: "say=ni" },
    ],
    [
      "http://127.0.0.1/spammity/spam?s%E4y=ni",
      { SCRIPT_NAME: "/spammity", PATH_INFO: "/spam", QUERY_STRING: "s%E4y=ni" },
    ],
  ])("is %s, as wsgiref has it", (uri, changes) => {
    expect(requestUri(environ(changes))).toBe(uri);
  });

  test("has no query with query: false", () => {
    const changes = { SCRIPT_NAME: "/spammity", PATH_INFO: "/spam", QUERY_STRING: "say=ni" };
    expect(requestUri(environ(changes), { query: false })).toBe("http://127.0.0.1/spammity/spam");
    expect(requestUri(environ(changes), { query: true })).toBe(
      "http://127.0.0.1/spammity/spam?say=ni",
    );
    expect(requestUri(environ(changes), {})).toBe("http://127.0.0.1/spammity/spam?say=ni");
  });

  test.each([
    ["", "", "http://h/"],
    ["/a", "", "http://h/a"],
    ["/a b", "/c d", "http://h/a%20b/c%20d"],
    ["/a", "/%2F", "http://h/a/%252F"],
    ["/a;b", "/c", "http://h/a%3Bb/c"],
    ["", "/a", "http://h/a"],
    ["/a", "/", "http://h/a/"],
    ["", "//evil.example/x", "http://h//evil.example/x"],
    ["/caf\xc3\xa9", "/\xe2\x82\xac", "http://h/caf%C3%A9/%E2%82%AC"],
    ["", "/\0\r\n\x7f", "http://h/%00%0D%0A%7F"],
    [
      "",
      "/?#[]@!$&'()*+\"<>\\^`{|}",
      "http://h/%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%22%3C%3E%5C%5E%60%7B%7C%7D",
    ],
    ["", "/-._~09AZaz:", "http://h/-._~09AZaz%3A"],
  ])("quotes SCRIPT_NAME %j and PATH_INFO %j byte by byte", (scriptName, path, uri) => {
    const changes = { HTTP_HOST: "h", SCRIPT_NAME: scriptName, PATH_INFO: path };
    expect(requestUri(environ(changes))).toBe(uri);
  });

  test("X06 gives back the URL of a request", () => {
    const request = environOf({
      line: { target: "/sp%E4m/x;c=1,2?y=1" },
      fields: [["Host", "h.example"]],
    });
    expect(requestUri(request)).toBe("http://h.example/sp%E4m/x;c=1,2?y=1");
  });

  test("leaves the query as it came", () => {
    const changes = { HTTP_HOST: "h", QUERY_STRING: "a=%zz&b=+&?x#" };
    expect(requestUri(environ(changes))).toBe("http://h/?a=%zz&b=+&?x#");
  });
});

describe("requestTarget", () => {
  test.each([
    ["/a%2Fb?x=%20+", "/a%2Fb?x=%20+"],
    ["/%7euser/%C3%BC", "/%7euser/%C3%BC"],
    ["/caf\xc3\xa9?q=\xe9", "/caf%C3%A9?q=%E9"],
    ["//evil.example/x", "//evil.example/x"],
    ["/a\\..\\b", "/a%5C..%5Cb"],
    ["/%zz%", "/%zz%"],
    ["/a?", "/a"],
  ])("of %s is %s, as the client escaped it", (target, wanted) => {
    expect(requestTarget(environOf({ line: { target } }))).toBe(wanted);
  });

  test.each<[string, Partial<Environ>, string]>([
    ["another path", { PATH_INFO: "/c d/\xe9" }, "/c%20d/%E9?x=1"],
    ["another query", { QUERY_STRING: "y=2" }, "/a%2Fb?y=2"],
    ["no query", { QUERY_STRING: "" }, "/a%2Fb"],
    ["another mount", { SCRIPT_NAME: "/m" }, "/m/a/b?x=1"],
    ["a path without its slash", { PATH_INFO: "evil.example" }, "/evil.example?x=1"],
  ])("follows environ to %s", (_what, changes, wanted) => {
    const environ = Object.assign(environOf({ line: { target: "/a%2Fb?x=1" } }), changes);
    expect(requestTarget(environ)).toBe(wanted);
  });

  test("has SCRIPT_NAME before PATH_INFO, unless it is not wanted", () => {
    const made = gateway({ scriptName: "/the app" });
    const environ = environOf({ gateway: made, line: { target: "/the%20app/a%2Fb?x" } });
    expect(requestTarget(environ)).toBe("/the%20app/a%2Fb?x");
    expect(requestTarget(environ, { scriptName: false })).toBe("/a%2Fb?x");
  });

  test("keeps the client's way to write the mount point, too", () => {
    const made = gateway({ scriptName: "/the app" });
    const environ = environOf({ gateway: made, line: { target: "/%74he%20app/a%2Fb" } });
    expect(requestTarget(environ)).toBe("/%74he%20app/a%2Fb");
  });

  test.each([
    ["/the%20app", "/"],
    ["/the%20app/", "/"],
    ["/%74he%20app/a%2Fb", "/a/b"],
    ["/the%20app%2Fb", "/b"],
  ])("below the mount, %s is %s", (target, wanted) => {
    const environ = environOf({ gateway: gateway({ scriptName: "/the app" }), line: { target } });
    expect(requestTarget(environ, { scriptName: false })).toBe(wanted);
  });

  test("of OPTIONS * is a path all the same", () => {
    const line = { method: "OPTIONS", target: "*" };
    expect(requestTarget(environOf({ line }))).toBe("/%2A");
  });
});
