import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isInstalled } from "../targets/installed.ts";
import { type Behind, behindFastcgi, behindProgram, behindProxy } from "./behind.ts";

/** `environ` as the application sees it. */
async function environOf(
  { sendRaw }: Behind,
  target: string,
  host: string,
  headers: readonly string[] = [],
): Promise<Record<string, string>> {
  const lines = [`GET ${target} HTTP/1.1`, `Host: ${host}`, ...headers, "Connection: close"];
  const answer = await sendRaw(`${lines.join("\r\n")}\r\n\r\n`);
  return JSON.parse(/\{.*\}/s.exec(answer)?.[0] ?? answer);
}

const CLAIMS = [
  "X-Forwarded-For: 6.6.6.6",
  "X-Forwarded-Proto: https",
  "X-Forwarded-Host: evil.example",
  "X-Forwarded-Port: 1",
  "X_Forwarded_For: 6.6.6.7",
  "Forwarded: for=6.6.6.6;proto=https;host=evil.example",
];

describe.each([
  ["nginx", isInstalled("nginx")],
  ["apache", isInstalled("apache2")],
] as const)("%s in front of dram/node", (server, installed) => {
  describe.runIf(installed)("with trustedHops(1)", () => {
    let behind: Behind;

    beforeAll(async () => {
      behind = await behindProxy(server);
    });

    afterAll(() => behind?.close());

    test("T04 the proxy tells address, scheme and port of the client", async () => {
      const environ = await environOf(behind, "/forwarded", `localhost:${behind.port}`);
      expect(environ).toMatchObject({
        REMOTE_ADDR: "127.0.0.1",
        SERVER_PORT: String(behind.port),
        HTTP_HOST: `localhost:${behind.port}`,
        HTTP_X_FORWARDED_FOR: "127.0.0.1",
        HTTP_X_FORWARDED_PROTO: "http",
        "wsgi.url_scheme": "http",
      });
      // The connection's own, which is that of the proxy.
      expect(environ).not.toHaveProperty("REMOTE_PORT");
    });

    test("T04 what a client claims of itself is not believed", async () => {
      const environ = await environOf(behind, "/forwarded", `localhost:${behind.port}`, CLAIMS);
      expect(environ).toMatchObject({
        REMOTE_ADDR: "127.0.0.1",
        SERVER_PORT: String(behind.port),
        HTTP_HOST: `localhost:${behind.port}`,
        HTTP_X_FORWARDED_FOR: "127.0.0.1",
        HTTP_X_FORWARDED_PROTO: "http",
        HTTP_X_FORWARDED_PORT: String(behind.port),
        "wsgi.url_scheme": "http",
      });
      expect(environ).not.toHaveProperty("HTTP_FORWARDED");
      expect(environ.HTTP_X_FORWARDED_HOST).not.toBe("evil.example");
    });

    test("T04 without trustedHops nothing of it counts", async () => {
      const environ = await environOf(behind, "/environ", `localhost:${behind.port}`, CLAIMS);
      expect(environ).toMatchObject({ REMOTE_ADDR: "127.0.0.1", "wsgi.url_scheme": "http" });
      expect(environ.REMOTE_PORT).toMatch(/^\d+$/);
    });
  });
});

const ALL: readonly (readonly [string, boolean, () => Promise<Behind>])[] = [
  ["nginx, proxy", isInstalled("nginx"), () => behindProxy("nginx")],
  ["nginx, FastCGI", isInstalled("nginx"), () => behindFastcgi("nginx")],
  ["Apache, proxy", isInstalled("apache2"), () => behindProxy("apache")],
  ["Apache, CGI", isInstalled("apache2"), () => behindProgram("cgi")],
  ["Apache, mod_proxy_fcgi", isInstalled("apache2"), () => behindFastcgi("apache")],
  ["Apache, mod_fcgid", isInstalled("apache2", "mod_fcgid"), () => behindProgram("fcgid")],
];

for (const [name, installed, boot] of ALL) {
  describe.runIf(installed)(name, () => {
    let behind: Behind;

    beforeAll(async () => {
      behind = await boot();
    });

    afterAll(() => behind?.close());

    test("T06 the host of a target in absolute form is HTTP_HOST", async () => {
      const environ = await environOf(behind, "http://right.example/environ", "wrong.example");
      expect(environ.HTTP_HOST).toBe("right.example");
    });

    test("T07 a client cannot choose SERVER_NAME and SERVER_PORT", async () => {
      const environ = await environOf(behind, "/environ", "evil.example:99");
      expect(environ.SERVER_NAME).not.toContain("evil");
      expect(environ.SERVER_PORT).not.toBe("99");
      expect(environ.HTTP_HOST).toBe("evil.example:99");
    });

    test("T02 a Proxy header does not become HTTP_PROXY", async () => {
      const environ = await environOf(behind, "/environ", "a", ["Proxy: http://evil.example"]);
      expect(environ).not.toHaveProperty("HTTP_PROXY");
    });

    test.each(["/..%2f..%2f..%2f..%2fetc/passwd", "/%2e%2e%2f%2e%2e/etc/passwd", "/x%5c..%5cy"])(
      "T05 %s leads nowhere",
      async (target) => {
        const answer = await behind.sendRaw(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
        expect(answer).toMatch(/^HTTP\/1\.1 (?:400|403|404) /);
        expect(answer).not.toContain("root:");
      },
    );
  });
}
