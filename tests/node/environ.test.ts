import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Application, DramError, json } from "dram";
import { toNode } from "dram/node";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  environIn,
  exchange,
  get,
  headOf,
  type Listening,
  listening,
  showEnviron,
  wire,
} from "./helpers.ts";

async function environOf(request: string) {
  const { port } = await listening(showEnviron);
  return environIn(await exchange(port, request));
}

/** Asserts that a request is answered with a status and the application is not called. */
async function expectRefused(request: string, status: string): Promise<void> {
  await refused(request, status);
}

async function refused(request: string, status: string): Promise<Listening> {
  let calls = 0;
  const server = await listening((_environ, startResponse) => {
    calls++;
    startResponse("200 OK", []);
    return [];
  });
  expect(headOf(await exchange(server.port, request))[0]).toBe(`HTTP/1.1 ${status}`);
  expect(calls).toBe(0);
  return server;
}

describe("environ", () => {
  test("S18 names both ends of the connection", async () => {
    const { port } = await listening(showEnviron);
    const client = await wire(port);
    client.send(get("/a?b=1"));
    expect(environIn(await client.end())).toMatchObject({
      REMOTE_ADDR: "127.0.0.1",
      REMOTE_PORT: String(client.socket.localPort),
      SERVER_NAME: "127.0.0.1",
      SERVER_PORT: String(port),
      SERVER_PROTOCOL: "HTTP/1.1",
      HTTP_HOST: "localhost",
      "wsgi.url_scheme": "http",
    });
  });

  test("has no variable of TLS without TLS", async () => {
    const environ = await environOf(get("/"));
    expect(Object.keys(environ).filter((key) => /^(HTTPS|SSL_)/.test(key))).toEqual([]);
  });

  test("an IPv6 server is named in brackets, its client without", async () => {
    const server = await listening(showEnviron, { host: "::1" });
    expect(server.url).toBe(`http://[::1]:${server.port}`);
    const response = await fetch(server.url);
    expect(await response.json()).toMatchObject({ SERVER_NAME: "[::1]", REMOTE_ADDR: "::1" });
  });

  test("an IPv4 client of a server on :: has its IPv4 address", async () => {
    const { port } = await listening(showEnviron, { host: "::" });
    expect(environIn(await exchange(port, get("/")))).toMatchObject({
      SERVER_NAME: "127.0.0.1",
      REMOTE_ADDR: "127.0.0.1",
    });
  });

  test("a Unix socket is localhost at the default port, its client without address", async () => {
    const path = join(tmpdir(), `dram-${process.pid}.sock`);
    const server = createServer(toNode(showEnviron)).listen(path);
    onTestFinished(() => {
      server.close();
    });
    const environ = await new Promise<string>((resolve) => {
      import("node:http").then(({ request }) =>
        request({ socketPath: path, headers: { host: "a.example" } }, async (response) => {
          resolve((await response.setEncoding("utf8").toArray()).join(""));
        }).end(),
      );
    });
    expect(JSON.parse(environ)).toMatchObject({ SERVER_NAME: "localhost", SERVER_PORT: "80" });
    expect(JSON.parse(environ)).not.toHaveProperty("REMOTE_ADDR");
  });

  test("has the native request and response, and says what the gateway can do", async () => {
    const application: Application = (environ, startResponse) => {
      startResponse("200 OK", []);
      return json([
        environ["node.request"] === undefined,
        environ["node.response"] === undefined,
        environ["dram.signal"]?.aborted,
        environ["dram.capabilities"],
        environ["wsgi.multithread"],
      ]);
    };
    const { url } = await listening(application);
    expect(await (await fetch(url)).json()).toEqual([
      false,
      false,
      false,
      {
        streaming: true,
        reason: true,
        disconnect: true,
        trailers: true,
        earlyHints: true,
        latin1Headers: true,
        rawTarget: true,
      },
      true,
    ]);
  });

  test("T10 E21 E22 header bytes are code points", async () => {
    const environ = await environOf(get("/", "X-Utf8: caf\u00c3\u00a9", "X-Latin: caf\u00e9"));
    expect(environ).toMatchObject({ HTTP_X_UTF8: "caf\u00c3\u00a9", HTTP_X_LATIN: "caf\u00e9" });
  });

  test("T09 no repeated field is lost, not even where node:http would", async () => {
    const environ = await environOf(
      get("/", "Authorization: a", "Authorization: b", "User-Agent: c", "User-Agent: d"),
    );
    expect(environ).toMatchObject({ HTTP_AUTHORIZATION: "a, b", HTTP_USER_AGENT: "c, d" });
  });

  test("T09 E17 cookies are joined with a semicolon", async () => {
    const environ = await environOf(get("/", "Cookie: a=1", "Cookie: b=2"));
    expect(environ.HTTP_COOKIE).toBe("a=1; b=2");
  });

  test("HTTP/1.0 is HTTP/1.0, and needs no Host", async () => {
    const environ = await environOf("GET /a HTTP/1.0\r\n\r\n");
    expect(environ).toMatchObject({ SERVER_PROTOCOL: "HTTP/1.0", PATH_INFO: "/a" });
    expect(environ).not.toHaveProperty("HTTP_HOST");
  });

  test("T08 what Node has decoded is not announced", async () => {
    const environ = await environOf(
      "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    );
    expect(environ).not.toHaveProperty("HTTP_TRANSFER_ENCODING");
    expect(environ).not.toHaveProperty("CONTENT_LENGTH");
  });

  test("T13 F17 more than 1,000 fields are not cut in silence", async () => {
    const fields = Array.from({ length: 1200 }, (_, index) => `${index.toString(36)}:`);
    const environ = await environOf(get("/", ...fields, "X-Last: 1"));
    expect(environ.HTTP_X_LAST).toBe("1");
  });
});

describe("request target", () => {
  test.each([
    ["/a/../b", "/a/../b"],
    ["//evil.example/x", "//evil.example/x"],
    ["/a%2Fb%5Cc", "/a/b\\c"],
    ["/%252f", "/%2f"],
    ["/%zz", "/%zz"],
    ["/a;p=1,2", "/a;p=1,2"],
    ["/%E9", "/\u00e9"],
  ])("T05 T06 %s is the path %j", async (target, path) => {
    const environ = await environOf(get(target));
    expect(environ).toMatchObject({ PATH_INFO: path, REQUEST_URI: target, HTTP_HOST: "localhost" });
  });

  test("T05 a query stays as it is", async () => {
    const environ = await environOf(get("/p?a=1&a=2&b=%zz&%00=1&=&&c;d+e?f"));
    expect(environ.QUERY_STRING).toBe("a=1&a=2&b=%zz&%00=1&=&&c;d+e?f");
  });

  test.each([
    ["http://a.example/adm?q=1", "/adm", "q=1", "a.example"],
    ["http://a.example:81/adm", "/adm", "", "a.example:81"],
    ["HTTP://a.example", "/", "", "a.example"],
    ["http://a.example?q=1", "/", "q=1", "a.example"],
    ["https://a.example//b", "//b", "", "a.example"],
  ])("T06 %s loses scheme and host, which becomes the Host", async (target, path, query, host) => {
    const environ = await environOf(get(target));
    expect(environ).toMatchObject({
      PATH_INFO: path,
      QUERY_STRING: query,
      REQUEST_URI: query === "" ? path : `${path}?${query}`,
      HTTP_HOST: host,
      SERVER_NAME: "127.0.0.1",
      "wsgi.url_scheme": "http",
    });
  });

  test.each([
    "http://u:p@evil.example/x",
    "http://a b/x",
    "http:///x",
    "http://evil<x>/",
    "ftp://a.example/x",
  ])("T06 %s is answered 400", (target) => expectRefused(get(target), "400 Bad Request"));

  test("T06 an absolute target does not excuse a malformed Host", () =>
    expectRefused(
      "GET http://a.example/ HTTP/1.1\r\nHost: x/y?\r\nConnection: close\r\n\r\n",
      "400 Bad Request",
    ));

  test("T06 OPTIONS * reaches the application", async () => {
    const environ = await environOf("OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    expect(environ).toMatchObject({ REQUEST_METHOD: "OPTIONS", PATH_INFO: "*", REQUEST_URI: "*" });
  });

  test.each([
    ["* for GET", "GET * HTTP/1.1"],
    ["a host and port for GET", "GET a.example:80 HTTP/1.1"],
    ["a NUL", "GET /%00 HTTP/1.1"],
  ])("T05 T06 %s is answered 400", (_what, line) =>
    expectRefused(`${line}\r\nHost: a\r\nConnection: close\r\n\r\n`, "400 Bad Request"),
  );

  test("T06 CONNECT is answered 501", () =>
    expectRefused(
      "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n",
      "501 Not Implemented",
    ));
});

describe("Host", () => {
  test.each([
    ["two lines", "Host: a\r\nHost: b"],
    ["two lines alike", "Host: a\r\nHost: a"],
    ["a path", "Host: x/public?"],
    ["userinfo", "Host: good.example@evil.example"],
    ["markup", 'Host: a<script>"b'],
    ["nothing", "Host:"],
    ["no line at all", "X-A: b"],
  ])("T07 %s: 400", (_what, lines) =>
    expectRefused(`GET /p HTTP/1.1\r\n${lines}\r\nConnection: close\r\n\r\n`, "400 Bad Request"),
  );
});

describe("framing", () => {
  test.each([
    ["Transfer-Encoding: gzip, chunked", "400 Bad Request"],
    ["Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "400 Bad Request"],
    ["Transfer-Encoding: xchunked", "400 Bad Request"],
    ["Transfer-Encoding: chunked, identity", "400 Bad Request"],
    ["Content-Length: 5\r\nTransfer-Encoding: chunked", "400 Bad Request"],
    ["Content-Length: 0\r\nContent-Length: 0", "400 Bad Request"],
    ["Content-Length: 0, 0", "400 Bad Request"],
    ["Content-Length: +0", "400 Bad Request"],
    ["Content-Type: a/b\r\nContent-Type: a/c", "400 Bad Request"],
  ])("T08 %j: 400 and the connection is closed", (lines, status) =>
    expectRefused(`POST /p HTTP/1.1\r\nHost: a\r\n${lines}\r\n\r\n0\r\n\r\n`, status),
  );

  test("T08 Transfer-Encoding with HTTP/1.0: 400", () =>
    expectRefused(
      "POST /p HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
      "400 Bad Request",
    ));

  test("T08 what follows a refused request on its connection is never run", async () => {
    const paths: string[] = [];
    const { port } = await listening((environ, startResponse) => {
      paths.push(environ.PATH_INFO);
      startResponse("200 OK", []);
      return [];
    });
    const refused =
      "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n";
    const response = await exchange(port, `${refused}${get("/smuggled")}`);
    expect(response.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(paths).toEqual([]);
  });

  test("T08 F26 the body of an upgrade request is a body, never a request", async () => {
    const seen: [string, number][] = [];
    const { port } = await listening(async (environ, startResponse) => {
      const body = await environ["wsgi.input"].read();
      seen.push([environ.PATH_INFO, body.length]);
      startResponse("200 OK", []);
      return [];
    });
    const body = "GET /admin HTTP/1.1\r\nHost: localhost\r\n\r\n12345";
    const client = await wire(port);
    client.send(
      `GET /p HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await client.receive("HTTP/1.1 200 OK");
    client.send(get("/next"));
    await client.end();
    expect(seen).toEqual([
      ["/p", 45],
      ["/next", 0],
    ]);
  });

  test("a refused request is told to the log in one line", async () => {
    const { log } = await refused(get("/", "Host: b"), "400 Bad Request");
    expect(log).toEqual([
      "dram: request refused: ERR_REQUEST_HEADER: the request has two headers for HTTP_HOST",
    ]);
  });
});

describe("toNode", () => {
  test("works with a server that is not dram's", async () => {
    const server = createServer(toNode(showEnviron, { scriptName: "/mnt" })).listen(0);
    onTestFinished(() => {
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    expect(environIn(await exchange(port, get("/mnt/x")))).toMatchObject({
      SCRIPT_NAME: "/mnt",
      PATH_INFO: "/x",
    });
    const outside = await exchange(port, get("/mntx"));
    expect(headOf(outside)[0]).toBe("HTTP/1.1 404 Not Found");
  });

  test("refuses a malformed option", () => {
    expect(() => toNode(showEnviron, { scriptName: "app" })).toThrow(DramError);
  });
});
