import { request } from "node:http";
import { connect } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServeOptions } from "dram/deno";
import { describe, expect, onTestFinished, test } from "vitest";
import { bootDeno, bootDenoServe, type DenoTarget } from "../targets/deno.ts";
import { textOf, until } from "../targets/target.ts";
import { send } from "../targets/workerd.ts";

async function boot(
  options: ServeOptions = {},
  protocol: "http" | "https" = "http",
): Promise<DenoTarget> {
  const module = new URL("./environs.ts", import.meta.url).href;
  const target = await bootDeno({ module, options }, protocol);
  onTestFinished(() => target.close());
  return target;
}

/** The environ of a request in raw bytes, each line but the last two. */
async function environOf(target: DenoTarget, ...lines: string[]): Promise<Record<string, unknown>> {
  const answer = await target.sendRaw(`${[...lines, "Connection: close", "", ""].join("\r\n")}`);
  return JSON.parse(answer.slice(answer.indexOf("{"), answer.lastIndexOf("}") + 1));
}

describe("SERVER_NAME is what the server knows of itself", () => {
  test("its address", async () => {
    const target = await boot();
    expect(await environOf(target, "GET /a HTTP/1.1", "Host: evil.example:1")).toMatchObject({
      SERVER_NAME: "127.0.0.1",
      SERVER_PORT: String(target.port),
      HTTP_HOST: "evil.example:1",
      hasInfo: true,
      hasRequest: true,
    });
  });

  test("in brackets if it is IPv6", async () => {
    const { url, port } = await boot({ host: "::1" });
    expect(url).toBe(`http://[::1]:${port}`);
    expect(await (await fetch(url)).json()).toMatchObject({
      SERVER_NAME: "[::1]",
      SERVER_PORT: String(port),
      REMOTE_ADDR: "::1",
    });
  });

  test.each(["0.0.0.0", "::"])("but the Host of a request where it listens on %s", async (host) => {
    const target = await boot({ host });
    expect(target.url).toBe(`http://localhost:${target.port}`);
    expect(await environOf(target, "GET /a HTTP/1.1", "Host: www.example:81")).toMatchObject({
      SERVER_NAME: "www.example",
      SERVER_PORT: String(target.port),
      REMOTE_ADDR: "127.0.0.1",
    });
  });
});

test("REMOTE_ADDR and REMOTE_PORT are the client's", async () => {
  const target = await boot();
  const { clientPort, ...response } = await send(target.port, { path: "/a" });
  expect(JSON.parse(await textOf(response))).toMatchObject({
    REMOTE_ADDR: "127.0.0.1",
    REMOTE_PORT: String(clientPort),
  });
});

test("over a Unix socket there is no client's address, and the socket is gone after the end", async () => {
  const path = join(tmpdir(), `dram-deno-${process.pid}.sock`);
  const module = new URL("./environs.ts", import.meta.url).href;
  for (const _ of [1, 2]) {
    const target = await bootDeno({ module, options: { path } });
    expect(target.url).toBe(`unix:${path}`);
    const environ = await overUnix(path);
    expect(environ).toMatchObject({ SERVER_NAME: "localhost", SERVER_PORT: "80", PATH_INFO: "/a" });
    expect(environ).not.toHaveProperty("REMOTE_ADDR");
    expect(environ).not.toHaveProperty("REMOTE_PORT");
    await target.close();
  }
});

describe("a target in absolute form", () => {
  test("gives HTTP_HOST, whatever the Host header says", async () => {
    const target = await boot();
    expect(
      await environOf(target, "GET http://www.example/a?b HTTP/1.1", "Host: other.example"),
    ).toMatchObject({
      HTTP_HOST: "www.example",
      SERVER_NAME: "127.0.0.1",
      PATH_INFO: "/a",
      QUERY_STRING: "b",
      REQUEST_URI: "/a?b",
    });
  });

  test("gives no scheme", async () => {
    const target = await boot();
    const environ = await environOf(target, "GET https://www.example/ HTTP/1.1", "Host: a");
    expect(environ).toMatchObject({ "wsgi.url_scheme": "http", SERVER_PORT: String(target.port) });
    expect(environ).not.toHaveProperty("HTTPS");
  });
});

describe("T07 what is no host never becomes a path", () => {
  test.each([
    ["a query", "Host: evil/admin?"],
    ["a slash", "Host: evil/"],
    ["a fragment", "Host: evil#"],
    ["userinfo", "Host: good@evil"],
    ["a space", "Host: a b"],
    ["markup", 'Host: a<b>"c'],
    ["nothing", "Host:"],
    ["a byte above ASCII", "Host: \u00e9vil"],
    ["an escape", "Host: evil%2fadmin"],
  ])("%s in Host is refused with 400", async (_what, host) => {
    const target = await boot();
    const answer = await target.sendRaw(`GET /p HTTP/1.1\r\n${host}\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toContain("\r\n\r\nBad Request: ");
    await until(() => target.log.length > 0);
    expect(target.log).toEqual([expect.stringContaining("dram: request refused: ERR_HOST")]);
  });

  test("userinfo in :authority is refused with 400", async () => {
    const target = await boot({}, "https");
    expect((await overHttp2(target, "user@evil")).status).toBe(400);
  });

  test.each(["evil/admin?", "evil#", ""])("Deno itself resets :authority %j", async (authority) => {
    const target = await boot({}, "https");
    await expect(overHttp2(target, authority)).rejects.toThrow("NGHTTP2_PROTOCOL_ERROR");
  });
});

test("HTTP/2 has its :authority as HTTP_HOST", async () => {
  const target = await boot({}, "https");
  const { body } = await overHttp2(target, "www.example:444");
  expect(JSON.parse(body)).toMatchObject({
    HTTP_HOST: "www.example:444",
    SERVER_PROTOCOL: "HTTP/2",
    SERVER_NAME: "127.0.0.1",
    SERVER_PORT: String(target.port),
    "wsgi.url_scheme": "https",
    HTTPS: "on",
  });
});

test("under deno serve, what the URL tells is all there is", async () => {
  const target = await bootDenoServe(new URL("./serving.ts", import.meta.url));
  onTestFinished(() => target.close());
  expect(await environOf(target, "GET /a HTTP/1.1", "Host: www.example:81")).toMatchObject({
    SERVER_NAME: "www.example",
    SERVER_PORT: "81",
    REMOTE_ADDR: "127.0.0.1",
    SERVER_SOFTWARE: expect.stringMatching(/^dram\/\S+ \(deno\)$/),
  });
});

describe("dram.signal never aborts after a whole response, as Deno's own signal does", () => {
  test.each(["/whole", "/later", "/sized", "/streamed"])("%s", async (path) => {
    const target = await boot();
    expect(await textOf(await target.send({ path }))).toBe(path.slice(1));
    const signals = async () => JSON.parse(await textOf(await target.send({ path: "/signals" })));
    await until(async () => (await signals()).native);
    expect(await signals()).toEqual({ signal: false, native: true });
  });
});

function overUnix(path: string): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    request({ socketPath: path, path: "/a", agent: false }, async (response) => {
      response.setEncoding("utf8");
      resolve(JSON.parse((await response.toArray()).join("")));
    })
      .on("error", reject)
      .end();
  });
}

async function overHttp2(
  { url, ca }: DenoTarget,
  authority: string,
): Promise<{ status: number; body: string }> {
  const session = connect(url, ca === undefined ? {} : { ca });
  const stream = session.request({ ":path": "/p", ":authority": authority });
  let status = 0;
  stream.on("response", (headers) => {
    status = Number(headers[":status"]);
  });
  try {
    return { body: (await stream.setEncoding("utf8").toArray()).join(""), status };
  } finally {
    session.close();
  }
}
