import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type RequestListener, type ServerOptions } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import type { WebSocketHandlers } from "dram";
import { type ServeOptions, serve, toNode, toUpgrade, type UpgradeOptions } from "dram/node";
import { describe, expect, onTestFinished, test } from "vitest";
import { makeCertificate } from "../targets/certificate.ts";
import { bodyOf, exchange, headOf, listening, wire } from "./helpers.ts";
import { handshake, message, open, plain, sockets } from "./sockets.ts";

const echo: WebSocketHandlers = { message: (connection, data) => connection.send(data) };

/** A server as a user makes it. */
async function own(options: UpgradeOptions, serverOptions: ServerOptions = {}): Promise<number> {
  const server = createServer(serverOptions, toNode(plain, options));
  server.on("upgrade", await toUpgrade(plain, options));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const H2C = "GET /p HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n";

describe("serve", () => {
  test.each<[string, ServeOptions]>([
    ["https", {}],
    ["HTTP/2, to clients of HTTP/1.1", { http2: true }],
  ])("has WebSockets over %s", async (_name, options) => {
    const tls = makeCertificate();
    const { port } = await sockets(
      {
        connect(connection, environ) {
          connection.send(`${environ["wsgi.url_scheme"]} ${environ.HTTPS}`);
        },
      },
      { ...options, tls },
    );
    const client = await open(port, "/", [], {
      scheme: "wss",
      ca: tls.cert,
    });
    expect(await message(client)).toBe("https on");
  });

  test("serves a request for another protocol as without WebSockets, body and all", async () => {
    const application = async (...[environ, startResponse]: Parameters<typeof plain>) => {
      startResponse("200 OK", [["Content-Type", "text/plain"]]);
      return [await environ["wsgi.input"].read()];
    };
    const { port } = await listening(application, { websocket: echo });
    const client = await wire(port);
    client.send(`${H2C.replace("GET", "POST")}Content-Length: 5\r\n\r\nhello`);
    expect(bodyOf(await client.receive(/hello$/))).toBe("hello");
    client.send(`${H2C.replace("GET", "POST")}Content-Length: 3\r\n\r\nbye`);
    expect(await client.receive(/bye$/)).toMatch(/hello[\s\S]*bye$/);
  });

  test("serves a request for a WebSocket as any other without handlers", async () => {
    const { port } = await listening(plain);
    const client = await wire(port);
    client.send(handshake("/one"));
    await client.receive("GET /one\n");
    client.send(handshake("/two"));
    expect((await client.receive("GET /two\n")).match(/^HTTP\/1\.1 \d+/gm)).toEqual([
      "HTTP/1.1 200",
      "HTTP/1.1 200",
    ]);
  });

  test.each([
    [{ websocket: {} }, /option websocket is an Object; wanted an object with message/],
    [{ websocket: { message: 1 } }, /option websocket/],
    [{ websocket: { message() {}, connect: 1 } }, /option websocket/],
    [
      { websocket: echo, maxMessageSize: 0 },
      /option maxMessageSize is 0; wanted a number of bytes above 0/,
    ],
    [{ websocket: echo, pingInterval: -1 }, /option pingInterval is -1/],
    [{ websocket: echo, compress: 1 }, /option compress is 1/],
    [
      { asgi: async () => {} },
      /option asgi is a function; wanted what fromAsgi of dram\/asgi makes/,
    ],
  ])("refuses the options %j", async (options, text) => {
    await expect(serve(plain, { port: 0, ...(options as ServeOptions) })).rejects.toThrow(
      expect.objectContaining({ code: "ERR_OPTION", message: expect.stringMatching(text) }),
    );
  });
});

describe("toUpgrade", () => {
  test("adds WebSockets to a server of one's own", async () => {
    const port = await own({ websocket: echo, scriptName: "/mnt" });
    const client = await open(port, "/mnt/chat");
    client.send("hello");
    expect(await message(client)).toBe("hello");
    expect(
      bodyOf(await exchange(port, "GET /mnt/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")),
    ).toBe("GET /x\n");
  });

  test("hands a request for another protocol to the application, and closes", async () => {
    const port = await own({ websocket: echo });
    const answer = await exchange(port, `${H2C}\r\n`);
    expect(headOf(answer)).toContain("Connection: close");
    expect(bodyOf(answer)).toBe("GET /p\n");
  });

  test("refuses a request for another protocol with a body, which Node has not parsed", async () => {
    const port = await own({
      websocket: echo,
      errors: { write() {}, writelines() {}, flush() {} },
    });
    const evil = "GET /evil HTTP/1.1\r\nHost: a\r\n\r\n";
    for (const framing of [`Content-Length: ${evil.length}`, "Transfer-Encoding: chunked"]) {
      const answer = await exchange(port, `${H2C}${framing}\r\n\r\n${evil}`);
      expect(answer.match(/^HTTP\/1\.1 \d+/gm)).toEqual(["HTTP/1.1 400"]);
    }
  });

  test("leaves a request for another protocol to the server that keeps it", async () => {
    const port = await own({ websocket: echo }, {
      shouldUpgradeCallback: ({ headers }) => headers.upgrade === "websocket",
    } as ServerOptions);
    const client = await wire(port);
    client.send(`${H2C}\r\n`);
    await client.receive("GET /p\n");
    client.send(`${H2C}\r\n`);
    await client.receive(/GET \/p\n[\s\S]*GET \/p\n/);
  });

  test("works on a server whose listener is not dram's", async () => {
    const listener: RequestListener = (_request, response) => response.end("other");
    const server = createServer(listener).on(
      "upgrade",
      await toUpgrade(plain, { websocket: echo }),
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const client = await open((server.address() as AddressInfo).port);
    client.send("hello");
    expect(await message(client)).toBe("hello");
  });

  test("closes its WebSockets, so that the server can end", async () => {
    const upgrade = await toUpgrade(plain, { websocket: echo });
    const server = createServer().on("upgrade", upgrade).listen(0, "127.0.0.1");
    await once(server, "listening");
    const client = await open((server.address() as AddressInfo).port);
    const closed = once(client, "close");
    const ended = once(server, "close");
    server.close();
    await upgrade.close();
    expect((await closed)[0]).toBe(1001);
    await ended;
  });

  test("needs handlers", async () => {
    await expect(toUpgrade(plain)).rejects.toThrow(expect.objectContaining({ code: "ERR_OPTION" }));
  });
});

describe("the package ws", () => {
  /** Runs code in a process of its own, and gives what it prints. */
  async function run(code: string): Promise<string> {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--conditions=dram-source", "--input-type=module", "--eval", code],
      { cwd: `${import.meta.dirname}/../..` },
    );
    return stdout.trim();
  }

  const LOADED = `
    const { createRequire } = await import("node:module");
    const loaded = () => Object.keys(createRequire(process.cwd() + "/x.js").cache).some((path) => /node_modules.ws./.test(path));
    const { serve } = await import("dram/node");
    const application = (environ, startResponse) => (startResponse("200 OK", []), []);`;

  test("is loaded only where WebSockets are asked for", async () => {
    const printed = await run(`${LOADED}
      const one = await serve(application, { port: 0 });
      console.log(loaded());
      const two = await serve(application, { port: 0, websocket: { message() {} } });
      console.log(loaded());
      await Promise.all([one.close(), two.close()]);`);
    expect(printed.split("\n")).toEqual(["false", "true"]);
  });

  test("is asked for by name where it is missing", async () => {
    const printed = await run(`
      import { registerHooks } from "node:module";
      registerHooks({
        resolve(specifier, context, next) {
          if (specifier === "ws") throw Object.assign(new Error("Cannot find package 'ws'"), { code: "ERR_MODULE_NOT_FOUND" });
          return next(specifier, context);
        },
      });
      ${LOADED}
      await serve(application, { port: 0, websocket: { message() {} } }).catch((error) => console.log(error.code, error.message));
      await (await serve(application, { port: 0 })).close();`);
    expect(printed).toBe(
      'ERR_OPTION WebSockets on Node need the package "ws", an optional peer dependency of dram: npm install ws',
    );
  });
});
