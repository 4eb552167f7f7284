import { once } from "node:events";
import { createServer } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { request as secureRequest } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Application, text } from "dram";
import { type NodeServer, type ServeOptions, serve, toNode } from "dram/node";
import { describe, expect, onTestFinished, test } from "vitest";
import { makeCertificate } from "../targets/certificate.ts";
import { isInstalled } from "../targets/installed.ts";
import { bootNode } from "../targets/node.ts";
import { textOf, until } from "../targets/target.ts";
import {
  bodyOf,
  bytes,
  exchange,
  gate,
  get,
  headOf,
  listening,
  showEnviron,
  wire,
} from "./helpers.ts";

const hello: Application = (_environ, startResponse) => {
  startResponse("200 OK", []);
  return text("hello");
};

describe("where it listens", () => {
  test("by default at a port of this machine alone", async () => {
    const { url, port, server } = await listening(hello, { port: 0 });
    expect(url).toBe(`http://127.0.0.1:${port}`);
    expect(server.address()).toMatchObject({ address: "127.0.0.1", port });
  });

  test.each([
    ["0.0.0.0", "localhost"],
    ["::", "localhost"],
    ["localhost", "localhost"],
    ["::1", "[::1]"],
  ])("host %s is told as %s", async (host, shown) => {
    const { url, port } = await listening(hello, { host });
    expect(url).toBe(`http://${shown}:${port}`);
    expect(await (await fetch(url)).text()).toBe("hello");
  });

  test("a Unix socket is told by its path", async () => {
    const path = join(tmpdir(), `dram-serve-${process.pid}.sock`);
    const server = await serve(hello, { path, signals: false });
    onTestFinished(() => server.close());
    expect([server.url, server.port]).toEqual([`unix:${path}`, undefined]);
    const socket = connect(path);
    socket.write(get("/"));
    const [data] = await once(socket.setEncoding("latin1"), "data");
    expect(bodyOf(data)).toBe("hello");
    socket.destroy();
  });

  test("a port that is taken is told with host and port", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => {
      other.close();
    });
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    await expect(serve(hello, { port, signals: false })).rejects.toMatchObject({
      name: "DramError",
      code: "ERR_OPTION",
      message: expect.stringMatching(`^cannot listen on 127\\.0\\.0\\.1:${port}: .*EADDRINUSE`),
    });
  });

  test("a failure to listen leaves no guard and no listener of signals behind", async () => {
    const events = ["SIGTERM", "SIGINT", "unhandledRejection", "uncaughtException"];
    const before = events.map((event) => process.listenerCount(event));
    await expect(serve(hello, { host: "192.0.2.1" })).rejects.toThrow("192.0.2.1:8000");
    expect(events.map((event) => process.listenerCount(event))).toEqual(before);
  });
});

test.each<[options: object, message: string]>([
  [{ port: "80" }, 'option port is "80"; wanted a number from 0 (any that is free) to 65535'],
  [{ port: 65_536 }, "option port"],
  [{ port: Number.NaN }, "option port"],
  [{ host: "" }, "option host"],
  [{ path: 1 }, "option path"],
  [{ port: 1, path: "/a" }, "options port and path are given"],
  [{ tls: true }, "option tls"],
  [{ http2: "yes" }, "option http2"],
  [{ signals: 1 }, "option signals"],
  [{ graceTime: -1 }, "option graceTime"],
  [{ idleTimeout: Number.POSITIVE_INFINITY }, "option idleTimeout"],
  [{ scriptName: "x" }, "option scriptName"],
])("the option %j is refused", async (options, message) => {
  await expect(serve(hello, options as ServeOptions)).rejects.toMatchObject({
    code: "ERR_OPTION",
    message: expect.stringContaining(message),
  });
});

describe("close()", () => {
  test("ends a server, and takes guard and signals away", async () => {
    const events = ["SIGTERM", "SIGINT", "unhandledRejection", "uncaughtException"];
    const count = () => events.map((event) => process.listenerCount(event));
    const before = count();
    const server = await serve(hello, { port: 0 });
    expect(count()).toEqual(before.map((listeners) => listeners + 1));
    await Promise.all([server.close(), server.close(), server.closed]);
    expect(count()).toEqual(before);
    await expect(fetch(server.url)).rejects.toThrow();
  });

  test("waits for what is in flight", async () => {
    const { opened, open } = gate();
    const seen: string[] = [];
    const server = await listening(
      async (_environ, startResponse) => {
        seen.push("started");
        await opened;
        startResponse("200 OK", []);
        return text("late");
      },
      { graceTime: 10_000 },
    );
    const client = await wire(server.port);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await until(() => seen.length === 1);
    const closed = server.close().then(() => seen.push("closed"));
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual(["started"]);
    open();
    await closed;
    expect(headOf(await client.end())).toContain("Connection: close");
    expect(bodyOf(client.received)).toBe("late");
  });

  test("aborts what takes longer than the grace time, and closes its body", async () => {
    const seen: unknown[] = [];
    const server = await listening(
      (environ, startResponse) => {
        const signal = environ["dram.signal"];
        signal?.addEventListener("abort", () => seen.push(signal.reason.code));
        startResponse("200 OK", []);
        return {
          async *[Symbol.asyncIterator]() {
            yield bytes("first,");
            await new Promise(() => {});
          },
          close() {
            seen.push("closed");
          },
        };
      },
      { graceTime: 50 },
    );
    const client = await wire(server.port);
    client.send(get("/"));
    await client.receive("first,");
    await server.close();
    expect(seen).toEqual(["ERR_ABORTED", "closed"]);
  });

  test("of node:http's own server is waited for, too", async () => {
    const server: NodeServer = await serve(hello, { port: 0, signals: false });
    server.server.close();
    await server.closed;
  });
});

describe("T20 slow and malformed clients", () => {
  test("a head that does not come is answered 408", async () => {
    const { port } = await listening(hello, { headersTimeout: 200 });
    const client = await wire(port);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n");
    expect(headOf(await client.end())[0]).toBe("HTTP/1.1 408 Request Timeout");
  });

  test("a body that does not come is answered 408, and its read rejects", async () => {
    const codes: unknown[] = [];
    const { port } = await listening(
      async (environ) => {
        await environ["wsgi.input"].read().catch((error) => codes.push(error.code));
        return [];
      },
      { requestTimeout: 200 },
    );
    const client = await wire(port);
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345");
    expect(headOf(await client.end())[0]).toBe("HTTP/1.1 408 Request Timeout");
    await until(() => codes.length === 1);
    expect(codes).toEqual(["ERR_CLIENT_DISCONNECTED"]);
  });

  test("T13 a head over 16 KiB is answered 431", async () => {
    const { port } = await listening(hello);
    const response = await exchange(port, get("/", `X-A: ${"a".repeat(65_536)}`));
    expect(headOf(response)[0]).toBe("HTTP/1.1 431 Request Header Fields Too Large");
  });

  test("T13 more fields than core takes are answered 431", async () => {
    const { port } = await listening(hello);
    const fields = Array.from({ length: 2500 }, () => "a:");
    const response = await exchange(port, get("/", ...fields));
    expect(headOf(response)[0]).toBe("HTTP/1.1 431 Request Header Fields Too Large");
  });

  test.each([
    "\r\n\r\nrubbish\r\n\r\n",
    "GET /a b HTTP/1.1\r\n\r\n",
    "\x16\x03\x01\x02\0",
    "GET / HTTP/9.9\r\n\r\n",
  ])("%j is answered 400, without a word of it", async (rubbish) => {
    const { port, log } = await listening(hello);
    const response = await exchange(port, rubbish);
    expect(headOf(response)).toEqual([
      "HTTP/1.1 400 Bad Request",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Length: 12",
      "Connection: close",
    ]);
    expect(bodyOf(response)).toBe("Bad Request\n");
    expect(log).toEqual([]);
  });

  test("rubbish behind a request does not become a part of its response", async () => {
    const { opened, open } = gate();
    const { port } = await listening((_environ, startResponse) => {
      startResponse("200 OK", []);
      return (async function* () {
        yield bytes("first");
        await opened;
        yield bytes("second");
      })();
    });
    const client = await wire(port);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.receive("first");
    client.send("rubbish\r\n\r\n");
    open();
    const [response] = (await client.end()).split("HTTP/1.1 400 Bad Request");
    expect(bodyOf(response ?? "")).toBe("5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n");
  });

  test("F12 an application that never answers is answered for with 503", async () => {
    const codes: unknown[] = [];
    const { port } = await listening(
      (environ) => {
        const signal = environ["dram.signal"];
        signal?.addEventListener("abort", () => codes.push(signal.reason.code));
        return new Promise(() => {});
      },
      { idleTimeout: 200 },
    );
    expect(headOf(await exchange(port, get("/")))[0]).toBe("HTTP/1.1 503 Service Unavailable");
    expect(codes).toEqual(["ERR_ABORTED"]);
  });

  test("F13 a stream that stalls is broken off", async () => {
    const { port } = await listening(
      (_environ, startResponse) => {
        startResponse("200 OK", []);
        return (async function* () {
          yield bytes("first");
          await new Promise(() => {});
        })();
      },
      { idleTimeout: 200 },
    );
    expect(await exchange(port, get("/"))).not.toContain("0\r\n\r\n");
  });

  test("an idle connection is closed after keepAliveTimeout, and is told", async () => {
    const { port } = await listening(hello, { keepAliveTimeout: 1000 });
    const client = await wire(port);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(await client.receive("hello")).toContain("Keep-Alive: timeout=1\r\n");
    await client.end();
  });
});

describe.runIf(isInstalled("openssl"))("TLS", () => {
  test("S18 its variables are those of mod_ssl", async () => {
    const { key, cert } = makeCertificate();
    const client = makeCertificate("/C=DE/O=A, B/CN=gr\u00f6\u00dfe");
    const { url, port } = await listening(showEnviron, {
      tls: { key, cert, requestCert: true, rejectUnauthorized: false, ca: [client.cert] },
    });
    expect(url).toBe(`https://127.0.0.1:${port}`);
    const environ = await environOver(port, { ca: cert, key: client.key, cert: client.cert });
    expect(environ).toMatchObject({
      HTTPS: "on",
      "wsgi.url_scheme": "https",
      SSL_PROTOCOL: "TLSv1.3",
      SSL_CLIENT_VERIFY: "SUCCESS",
      // RFC 4514, and UTF-8 as code points.
      SSL_CLIENT_S_DN: "CN=gr\u00c3\u00b6\u00c3\u009fe,O=A\\, B,C=DE",
      SSL_CLIENT_I_DN: "CN=gr\u00c3\u00b6\u00c3\u009fe,O=A\\, B,C=DE",
    });
    expect(environ.SSL_CIPHER).toMatch(/^TLS_/);
    expect(environ.SSL_CLIENT_M_SERIAL).toMatch(/^[0-9A-F]+$/);
  });

  test("a certificate that is not trusted has failed", async () => {
    const { key, cert } = makeCertificate();
    const client = makeCertificate("/CN=stranger");
    const { port } = await listening(showEnviron, {
      tls: { key, cert, requestCert: true, rejectUnauthorized: false },
    });
    const environ = await environOver(port, { ca: cert, key: client.key, cert: client.cert });
    expect(environ.SSL_CLIENT_VERIFY).toMatch(/^FAILED:/);
  });

  test("without a client certificate there is no word of one", async () => {
    const { key, cert } = makeCertificate();
    const { port } = await listening(showEnviron, { tls: { key, cert } });
    const environ = await environOver(port, { ca: cert });
    expect(Object.keys(environ).filter((name) => name.startsWith("SSL_CLIENT"))).toEqual([]);
  });

  test("with http2, a client chooses HTTP/2 or HTTP/1.1", async () => {
    const { key, cert } = makeCertificate();
    const { port, url } = await listening(showEnviron, { http2: true, tls: { key, cert } });
    const over1 = await environOver(port, { ca: cert });
    expect(over1).toMatchObject({ SERVER_PROTOCOL: "HTTP/1.1", HTTPS: "on" });
    const session = connectHttp2(url, { ca: cert });
    const stream = session.request({ ":path": "/" });
    const over2 = JSON.parse((await stream.setEncoding("utf8").toArray()).join(""));
    session.close();
    expect(over2).toMatchObject({
      SERVER_PROTOCOL: "HTTP/2",
      HTTPS: "on",
      SSL_PROTOCOL: "TLSv1.3",
      SERVER_PORT: String(port),
      REMOTE_ADDR: "127.0.0.1",
    });
  });

  test("what is no TLS does not end the server", async () => {
    const { key, cert } = makeCertificate();
    const { port } = await listening(showEnviron, { tls: { key, cert } });
    await exchange(port, get("/"));
    expect(await environOver(port, { ca: cert })).toHaveProperty("HTTPS");
  });
});

describe("toNode with other servers", () => {
  const secure = isInstalled("openssl") ? (["https", "h2"] as const) : [];
  test.each([...secure, "h2c"] as const)("%s", async (protocol) => {
    const target = await bootNode({ protocol });
    onTestFinished(() => target.close());
    const response = await target.send({ path: "/environ" });
    expect(JSON.parse(await textOf(response))).toMatchObject({
      SERVER_PROTOCOL: protocol === "https" ? "HTTP/1.1" : "HTTP/2",
      "wsgi.url_scheme": protocol === "h2c" ? "http" : "https",
    });
  });

  test("does not say 100 twice where the server has said it", async () => {
    const server = createServer(
      toNode(async (environ, startResponse) => {
        const { length } = await environ["wsgi.input"].read();
        startResponse("200 OK", []);
        return text(String(length));
      }),
    ).listen(0);
    onTestFinished(() => {
      server.close();
    });
    const client = await wire((server.address() as AddressInfo).port);
    client.send(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\nhello",
    );
    const response = await client.end();
    expect(response.match(/100 Continue/g)).toHaveLength(1);
    expect(response).toContain("HTTP/1.1 200 OK");
  });
});

function environOver(
  port: number,
  options: { ca: string; key?: string; cert?: string },
): Promise<Record<string, string>> {
  return new Promise((resolve, reject) => {
    secureRequest(
      { host: "127.0.0.1", servername: "localhost", port, agent: false, ...options },
      async (response) => {
        resolve(JSON.parse((await response.setEncoding("utf8").toArray()).join("")));
      },
    )
      .on("error", reject)
      .end();
  });
}
