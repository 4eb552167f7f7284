import { Agent } from "node:http";
import { request as httpsRequest } from "node:https";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { textOf, until } from "./targets/target.ts";
import { bootWorkerd, send, type WorkerdTarget } from "./targets/workerd.ts";

let workerd: WorkerdTarget;

beforeAll(async () => {
  workerd = await bootWorkerd();
});

afterAll(() => workerd?.close());

async function calls(): Promise<number> {
  const { called } = JSON.parse(await textOf(await workerd.send({ path: "/seen" })));
  // Asking is a call itself.
  return called - 1;
}

/** Sends a request in raw bytes, `Connection: close` added. */
function raw(lines: readonly string[], body = ""): Promise<string> {
  return workerd.sendRaw(`${[...lines, "Connection: close", "", ""].join("\r\n")}${body}`);
}

function statusOf(answer: string): number {
  return Number(answer.slice(9, 12));
}

function jsonOf(answer: string): Record<string, string> {
  const body = answer.slice(answer.indexOf("{"), answer.lastIndexOf("}") + 1);
  return JSON.parse(Buffer.from(body, "latin1").toString("utf8"));
}

describe("malformed requests never reach the application", () => {
  test.each([
    ["a slash in Host", ["GET /environ HTTP/1.1", "Host: a/c"], [400, 500]],
    ["a query in Host", ["GET /environ HTTP/1.1", "Host: evil/admin?"], [400, 500]],
    ["userinfo in Host", ["GET /environ HTTP/1.1", "Host: good@evil.example"], [400, 500]],
    ["two Host headers", ["GET /environ HTTP/1.1", "Host: a", "Host: b"], [400, 500]],
    ["a BEL in a value", ["GET /environ HTTP/1.1", "Host: a", "X-A: a\u0007b"], [400]],
    ["a DEL in a value", ["GET /environ HTTP/1.1", "Host: a", "X-A: a\u007fb"], [400]],
    ["an escaped NUL in the path", ["GET /environ%00 HTTP/1.1", "Host: a"], [400]],
    [
      "both framings",
      ["POST /count HTTP/1.1", "Host: a", "Content-Length: 3", "Transfer-Encoding: chunked"],
      [400],
    ],
    [
      "a transfer coding other than chunked",
      ["POST /count HTTP/1.1", "Host: a", "Transfer-Encoding: gzip, chunked"],
      [400, 500],
    ],
    [
      "two lengths",
      ["POST /count HTTP/1.1", "Host: a", "Content-Length: 3", "Content-Length: 3"],
      [400, 500],
    ],
    ["a signed length", ["POST /count HTTP/1.1", "Host: a", "Content-Length: +3"], [400, 500]],
    [
      "2,500 headers",
      [
        "GET /environ HTTP/1.1",
        "Host: a",
        ...Array.from({ length: 2500 }, (_, index) => `x${index}: 1`),
      ],
      [431],
    ],
  ])("%s", async (_name, lines, statuses) => {
    const before = await calls();
    const body = lines[0]?.startsWith("POST") ? "3\r\nabc\r\n0\r\n\r\n" : "";
    expect(statuses).toContain(statusOf(await raw(lines, body)));
    expect(await calls()).toBe(before + 1);
  });

  test("each is answered with its fault, and logged in one line", async () => {
    const before = workerd.log.length;
    const answer = await raw(["GET /environ%00 HTTP/1.1", "Host: a"]);
    expect(answer).toContain('\r\n\r\nBad Request: the path "/environ%00" holds %00\n');
    await until(() => workerd.log.length > before);
    expect(workerd.log.slice(before)).toEqual([
      'dram: request refused: ERR_TARGET: the path "/environ%00" holds %00',
    ]);
  });
});

describe("the request target", () => {
  test.each([
    ["//foo///bar", "//foo///bar"],
    ["/a%2Fb%5Cc", "/a/b\\c"],
    ["/%E9%zz%", "/\u00e9%zz%"],
    ["/%252c", "/%2c"],
    ["/caf%C3%A9;p=1,2", "/caf\u00c3\u00a9;p=1,2"],
    ["/%c0%af", "/\u00c0\u00af"],
  ])("%s", async (target, path) => {
    const answer = await raw([
      `GET ${target}?show HTTP/1.1`,
      "Host: localhost",
      "X-Case: /environ",
    ]);
    expect(jsonOf(answer)).toMatchObject({
      PATH_INFO: path,
      REQUEST_URI: `${target}?show`,
      QUERY_STRING: "show",
      HTTP_HOST: "localhost",
      SERVER_NAME: "localhost",
    });
  });
});

describe("what only Workers know", () => {
  test("env, ctx and cf are there as they are", async () => {
    const response = await workerd.send({ path: "/extensions" });
    expect(JSON.parse(await textOf(response))).toMatchObject({
      env: "object",
      ctx: "object",
      cf: "object",
      signal: false,
      capabilities: { streaming: true, disconnect: true, latin1Headers: false },
    });
  });

  test("REMOTE_ADDR is the address that Cloudflare names", async () => {
    expect(jsonOf(await raw(["GET /environ HTTP/1.1", "Host: a"])).REMOTE_ADDR).toBe("127.0.0.1");
  });

  test("protocol, TLS and the client certificate come from request.cf", async () => {
    expect(
      await workerd.fetchWithCf("/environ", {
        httpProtocol: "HTTP/3",
        tlsVersion: "TLSv1.3",
        tlsCipher: "AEAD-AES128-GCM-SHA256",
        tlsClientAuth: {
          certPresented: "1",
          certVerified: "SUCCESS",
          certSubjectDN: "CN=Client",
          certIssuerDN: "CN=Authority",
          certSerial: "36F516A4",
        },
      }),
    ).toMatchObject({
      SERVER_PROTOCOL: "HTTP/3",
      "wsgi.url_scheme": "https",
      HTTPS: "on",
      SERVER_NAME: "example.com",
      SERVER_PORT: "443",
      SSL_PROTOCOL: "TLSv1.3",
      SSL_CIPHER: "AEAD-AES128-GCM-SHA256",
      SSL_CLIENT_VERIFY: "SUCCESS",
      SSL_CLIENT_S_DN: "CN=Client",
      SSL_CLIENT_I_DN: "CN=Authority",
      SSL_CLIENT_M_SERIAL: "36F516A4",
    });
  });

  test("a protocol of the wrong form is not believed", async () => {
    expect(await workerd.fetchWithCf("/environ", { httpProtocol: "x" })).toMatchObject({
      SERVER_PROTOCOL: "HTTP/1.1",
    });
  });

  test("https is told from http by the connection", async () => {
    const secure = await bootWorkerd({ https: true });
    try {
      const body = await new Promise<string>((resolve, reject) => {
        httpsRequest(
          {
            host: "127.0.0.1",
            port: secure.port,
            path: "/environ",
            // Miniflare signs its certificate itself.
            rejectUnauthorized: false,
            agent: false,
          },
          (response) => {
            response.setEncoding("utf8");
            response.on("data", resolve);
          },
        )
          .on("error", reject)
          .end();
      });
      expect(JSON.parse(body)).toMatchObject({ "wsgi.url_scheme": "https", HTTPS: "on" });
    } finally {
      await secure.close();
    }
  });
});

describe("on the wire", () => {
  test("reason phrase, header bytes and two cookies are as the application gave them", async () => {
    const cookies = await raw(["GET /cookies HTTP/1.1", "Host: a"]);
    expect(cookies.match(/^set-cookie: .*$/gim)).toEqual([
      "Set-Cookie: a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
      "Set-Cookie: b=2",
    ]);
    const teapot = await raw(["GET /late-start HTTP/1.1", "Host: a"]);
    expect(teapot.split("\r\n")[0]).toBe("HTTP/1.1 418 I'm a teapot");
    const greeting = await raw(["GET /reason HTTP/1.1", "Host: a"]);
    expect(greeting.split("\r\n")[0]).toBe("HTTP/1.1 200 Gr\u00c3\u00bc\u00c3\u009fe");
    expect(await raw(["GET /header-bytes HTTP/1.1", "Host: a"])).toContain(
      "X-Utf8: caf\u00c3\u00a9\r\n",
    );
  });

  test.each([
    ["/text", 7],
    ["/chunks", 13],
    ["/large-chunks", 200_000],
    ["/empty", 0],
    ["/surplus", 4],
  ])("%s is framed by its length", async (path, length) => {
    const answer = await raw([`GET ${path} HTTP/1.1`, "Host: a"]);
    expect(answer).toMatch(new RegExp(`^content-length: ${length}\r$`, "im"));
    expect(answer).not.toMatch(/^transfer-encoding/im);
    expect(answer.slice(answer.indexOf("\r\n\r\n") + 4).length).toBe(length);
  });

  test.each(["204+No+Content", "304+Not+Modified"])(
    "%s has neither body nor framing",
    async (status) => {
      const answer = await raw([`GET /status?${status} HTTP/1.1`, "Host: a"]);
      expect(answer).not.toMatch(/^(content-length|transfer-encoding|content-type)/im);
      expect(answer.endsWith("\r\n\r\n")).toBe(true);
    },
  );

  test("a kept connection is still in step after HEAD, 204 and surplus bytes", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    const answers: [status: number, body: string][] = [];
    for (const [method, path] of [
      ["HEAD", "/chunks"],
      ["GET", "/status?204+No+Content"],
      ["GET", "/surplus"],
      ["GET", "/generator"],
      ["GET", "/text"],
    ] as const) {
      const response = await send(workerd.port, { method, path }, agent);
      answers.push([response.status, await textOf(response)]);
      ports.add(response.clientPort);
    }
    agent.destroy();
    expect(answers).toEqual([
      [200, ""],
      [204, ""],
      [200, "0123"],
      [200, "ab"],
      [200, "größe"],
    ]);
    expect(ports.size).toBe(1);
  });

  test("a request body cut off is an error to its reader, never a short success", async () => {
    const before = workerd.log.length;
    const answer = await workerd.sendRaw(
      "POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nConnection: close\r\n\r\nhello",
      { halfClose: true },
    );
    expect(answer).not.toMatch(/^HTTP\/1\.1 200/);
    expect((await workerd.send({ path: "/text" })).status).toBe(200);
    expect(workerd.log.slice(before).filter((line) => line.includes(" 200"))).toEqual([]);
  });
});
