import { type CgiOptions, createCgiEnviron, createCgiGateway, type Environ } from "dram";
import { describe, expect, test } from "vitest";
import { coded, duration, Log, native, PLATFORM, Source } from "./helpers.ts";

type Variables = Readonly<Record<string, string>>;

const REQUEST: Variables = {
  GATEWAY_INTERFACE: "CGI/1.1",
  SERVER_PROTOCOL: "HTTP/1.1",
  REQUEST_METHOD: "GET",
  SCRIPT_NAME: "/cgi-bin/app",
  PATH_INFO: "/p",
  QUERY_STRING: "",
  SERVER_NAME: "server.example",
  SERVER_PORT: "80",
  REMOTE_ADDR: "192.0.2.1",
};

function environOf(
  variables: Variables | readonly (readonly [string, string])[] = {},
  options: CgiOptions = {},
  body?: Source,
): Environ {
  const pairs = Array.isArray(variables) ? variables : Object.entries({ ...REQUEST, ...variables });
  const gateway = createCgiGateway({ errors: new Log(), ...options }, PLATFORM);
  const { environ, fields } = createCgiEnviron(gateway, { variables: pairs, waitUntil: undefined });
  fields.finish(() => body ?? null);
  return environ;
}

/** SCRIPT_NAME and PATH_INFO. */
function pathOf(variables: Variables, options: CgiOptions = {}): [string, string] {
  const { SCRIPT_NAME, PATH_INFO } = environOf(variables, options);
  return [SCRIPT_NAME, PATH_INFO];
}

describe("names", () => {
  test("T12 of the environment only what is known by name gets in", () => {
    const environ = environOf({
      AWS_SECRET_ACCESS_KEY: "secret",
      PATH: "/bin",
      LD_PRELOAD: "/x",
      NODE_OPTIONS: "",
      UNIQUE_ID: "a",
      REDIRECT_STATUS: "200",
      SERVER_SOFTWARE: "Apache",
      SSL_CERT_FILE: "/etc/ssl/cert.pem",
    });
    expect(
      Object.keys(environ)
        .filter((key) => !key.includes("."))
        .toSorted(),
    ).toEqual([
      "GATEWAY_INTERFACE",
      "PATH_INFO",
      "QUERY_STRING",
      "RAW_URI",
      "REMOTE_ADDR",
      "REQUEST_METHOD",
      "REQUEST_URI",
      "SCRIPT_NAME",
      "SERVER_NAME",
      "SERVER_PORT",
      "SERVER_PROTOCOL",
      "SERVER_SOFTWARE",
    ]);
    expect(environ.SERVER_SOFTWARE).toContain("dram/");
  });

  test("what RFC 3875 and the servers name besides gets in as it is", () => {
    const variables = {
      AUTH_TYPE: "Basic",
      DOCUMENT_ROOT: "/var/www",
      PATH_TRANSLATED: "/var/www/p",
      REMOTE_HOST: "client.example",
      REMOTE_IDENT: "ident",
      REMOTE_PORT: "40000",
      REMOTE_USER: "ann\xe9",
      SCRIPT_FILENAME: "/usr/lib/app",
      SERVER_ADDR: "192.0.2.2",
      SSL_PROTOCOL: "TLSv1.3",
      SSL_CLIENT_CERT: "-----BEGIN\nCERTIFICATE-----",
    };
    expect(environOf(variables)).toMatchObject(variables);
  });

  test("T12 wsgi.*, dram.* and __proto__ are never the server's to set", () => {
    const environ = environOf([
      ...Object.entries(REQUEST),
      ["wsgi.url_scheme", "https"],
      ["dram.signal", "x"],
      ["__proto__", "x"],
    ]);
    expect(environ["wsgi.url_scheme"]).toBe("http");
    expect("dram.signal" in environ).toBe(false);
    expect("__proto__" in environ).toBe(false);
  });

  test("the deployer names what else may get in", () => {
    const variables = { GEOIP_COUNTRY_CODE: "NL", SERVER_SOFTWARE: "Apache", OTHER: "x" };
    const environ = environOf(variables, { variables: ["GEOIP_COUNTRY_CODE", "SERVER_SOFTWARE"] });
    expect(environ).toMatchObject({ GEOIP_COUNTRY_CODE: "NL", SERVER_SOFTWARE: "Apache" });
    expect("OTHER" in environ).toBe(false);
  });

  test.each(["HTTP_PROXY", "wsgi.input", "__proto__", "A B", "", "1A", 1])(
    "variables: [%j] is refused",
    (name) => {
      expect(() => environOf({}, { variables: [name as string] })).toThrow(coded("ERR_OPTION"));
    },
  );

  test("variables must be an array", () => {
    expect(() => environOf({}, { variables: "A" as never })).toThrow(coded("ERR_OPTION"));
  });

  test("what the server gives as empty does not exist", () => {
    const environ = environOf({ REMOTE_USER: "", CONTENT_TYPE: "", CONTENT_LENGTH: "", HTTPS: "" });
    for (const key of ["REMOTE_USER", "CONTENT_TYPE", "CONTENT_LENGTH", "HTTPS"]) {
      expect(key in environ, key).toBe(false);
    }
  });

  test("of a variable that comes twice the last counts", () => {
    const pairs = [...Object.entries(REQUEST), ["SERVER_NAME", "other.example"] as const];
    expect(environOf(pairs).SERVER_NAME).toBe("other.example");
  });

  test("without REQUEST_METHOD there is no request", () => {
    expect(() => environOf({ REQUEST_METHOD: "" })).toThrow(/REQUEST_METHOD/);
    expect(() => environOf([["SCRIPT_NAME", ""]])).toThrow(coded("ERR_EVENT"));
  });

  test.each(["G T", "CONNECT", "a\n"])("the method %j is refused", (method) => {
    expect(() => environOf({ REQUEST_METHOD: method })).toThrow(coded("ERR_METHOD"));
  });
});

const REPEATED = [
  ["HTTP_A", "1"],
  ["HTTP_COOKIE", "a=1"],
  ["HTTP_A", "2"],
  ["HTTP_COOKIE", "b=2"],
] as const;

describe("headers", () => {
  test("HTTP_* are headers", () => {
    const environ = environOf({ HTTP_ACCEPT: "*/*", HTTP_X_A_B: "caf\xe9", HTTP_X_EMPTY: "" });
    expect(environ).toMatchObject({ HTTP_ACCEPT: "*/*", HTTP_X_A_B: "caf\xe9", HTTP_X_EMPTY: "" });
  });

  test("HTTP_* that come twice are joined as repeated headers are", () => {
    const pairs = [...Object.entries(REQUEST), ...REPEATED];
    expect(environOf(pairs)).toMatchObject({ HTTP_A: "1, 2", HTTP_COOKIE: "a=1; b=2" });
  });

  test("T02 HTTP_PROXY is none", () => {
    expect("HTTP_PROXY" in environOf({ HTTP_PROXY: "http://evil.example" })).toBe(false);
  });

  test("what nginx repeats beside CONTENT_TYPE and CONTENT_LENGTH is left out", () => {
    const environ = environOf({
      CONTENT_TYPE: "a/b",
      CONTENT_LENGTH: "3",
      HTTP_CONTENT_TYPE: "a/b",
      HTTP_CONTENT_LENGTH: "3",
    });
    expect(environ).toMatchObject({ CONTENT_TYPE: "a/b", CONTENT_LENGTH: "3" });
    expect("HTTP_CONTENT_TYPE" in environ).toBe(false);
    expect("HTTP_CONTENT_LENGTH" in environ).toBe(false);
  });

  test("T08 HTTP_CONTENT_LENGTH alone announces nothing", () => {
    expect("CONTENT_LENGTH" in environOf({ HTTP_CONTENT_LENGTH: "3" })).toBe(false);
  });

  test("a Transfer-Encoding that the server has decoded and counted is left out", async () => {
    const environ = environOf(
      { REQUEST_METHOD: "POST", HTTP_TRANSFER_ENCODING: "chunked", CONTENT_LENGTH: "3" },
      {},
      new Source("abcdef"),
    );
    expect("HTTP_TRANSFER_ENCODING" in environ).toBe(false);
    expect(native(await environ["wsgi.input"].read())).toBe("abc");
  });

  test("a Transfer-Encoding without CONTENT_LENGTH announces a body up to its end", async () => {
    const environ = environOf(
      { REQUEST_METHOD: "POST", HTTP_TRANSFER_ENCODING: "chunked", CONTENT_LENGTH: "" },
      {},
      new Source("abcdef"),
    );
    expect("CONTENT_LENGTH" in environ).toBe(false);
    expect(native(await environ["wsgi.input"].read())).toBe("abcdef");
  });

  test.each([
    [{ CONTENT_LENGTH: "3abc" }, "ERR_FRAMING"],
    [{ CONTENT_LENGTH: "-1" }, "ERR_FRAMING"],
    [{ HTTP_TRANSFER_ENCODING: "gzip" }, "ERR_FRAMING"],
    [{ HTTP_HOST: "evil/admin?" }, "ERR_HOST"],
    [{ HTTP_X: "a\0b" }, "ERR_REQUEST_HEADER"],
    [{ CONTENT_TYPE: "a\nb" }, "ERR_REQUEST_HEADER"],
    [{ HTTP_: "a" }, "ERR_REQUEST_HEADER"],
    [{ HTTP_A: "a".repeat(131_073) }, "ERR_REQUEST_HEADERS_TOO_LARGE"],
  ] as const)("T03 T08 %j is refused", (variables, code) => {
    expect(() => environOf(variables)).toThrow(coded(code));
  });

  test("a body over maxBodySize is refused", () => {
    expect(() => environOf({ CONTENT_LENGTH: "11" }, { maxBodySize: 10 })).toThrow(
      coded("ERR_BODY_TOO_LARGE"),
    );
  });
});

describe("scheme, protocol and server", () => {
  test.each([
    [{ HTTPS: "on" }, "https"],
    [{ HTTPS: "1" }, "https"],
    [{ HTTPS: "ON", REQUEST_SCHEME: "http" }, "https"],
    [{ HTTPS: "off", REQUEST_SCHEME: "https" }, "http"],
    [{ HTTPS: "", REQUEST_SCHEME: "https" }, "https"],
    [{ REQUEST_SCHEME: "http" }, "http"],
    [{ HTTP_HTTPS: "on", HTTP_X_FORWARDED_PROTO: "https" }, "http"],
  ])("T04 %j is %s", (variables, scheme) => {
    const environ = environOf(variables);
    expect(environ["wsgi.url_scheme"]).toBe(scheme);
    expect(environ.HTTPS).toBe(scheme === "https" ? "on" : undefined);
  });

  test.each([
    ["HTTP/1.0", "HTTP/1.0"],
    ["HTTP/2.0", "HTTP/2"],
    ["HTTP/3.0", "HTTP/3"],
    ["INCLUDED", "HTTP/1.1"],
    ["", "HTTP/1.1"],
  ])("SERVER_PROTOCOL %j is %s", (given, protocol) => {
    expect(environOf({ SERVER_PROTOCOL: given }).SERVER_PROTOCOL).toBe(protocol);
  });

  test.each([
    ["server.example", "8080", "server.example", "8080"],
    ["[2001:db8::1]", "80", "[2001:db8::1]", "80"],
    ["", "", "localhost", "80"],
    ["~^(?<name>.+)$", "x", "localhost", "80"],
  ])("SERVER_NAME %j, SERVER_PORT %j is %s %s", (name, port, wantedName, wantedPort) => {
    const environ = environOf({ SERVER_NAME: name, SERVER_PORT: port });
    expect([environ.SERVER_NAME, environ.SERVER_PORT]).toEqual([wantedName, wantedPort]);
  });
});

describe("the path, trusting the server", () => {
  test.each([
    // Apache httpd: mod_cgid, mod_fcgid, proxy-fcgi-pathinfo=unescape. nginx with fastcgi_split_path_info.
    ["/cgi/app.mjs", "/p a/th/\xe2\x82\xac", "/cgi/app.mjs", "/p a/th/\xe2\x82\xac"],
    ["/cgi/app.mjs", "", "/cgi/app.mjs", ""],
    ["", "/p", "", "/p"],
    ["", "", "", "/"],
    ["/", "", "", "/"],
    ["/", "p", "", "/p"],
    ["/", "/p", "", "/p"],
    ["/app/", "", "/app", "/"],
    ["/app", "p", "/app", "/p"],
    ["/app", "//a", "/app", "//a"],
  ])("SCRIPT_NAME %j, PATH_INFO %j is %j %j", (scriptName, pathInfo, wantedScript, wantedPath) => {
    expect(pathOf({ SCRIPT_NAME: scriptName, PATH_INFO: pathInfo })).toEqual([
      wantedScript,
      wantedPath,
    ]);
  });

  test("a SCRIPT_NAME that is no path is refused", () => {
    expect(() => environOf({ SCRIPT_NAME: "app" })).toThrow(coded("ERR_EVENT"));
  });

  test("T05 NUL is refused", () => {
    expect(() => environOf({ PATH_INFO: "/a\0b", REQUEST_URI: "/a" })).toThrow(coded("ERR_TARGET"));
  });

  test("slashes without end cost no time", () => {
    const scriptName = `${"/".repeat(200_000)}a`;
    expect(duration(() => environOf({ SCRIPT_NAME: scriptName }))).toBeLessThan(500);
  });

  test("REQUEST_URI is the server's", () => {
    const environ = environOf({ REQUEST_URI: "/cgi-bin/app//p%2F?a" });
    expect([environ.REQUEST_URI, environ.RAW_URI, environ.PATH_INFO]).toEqual([
      "/cgi-bin/app//p%2F?a",
      "/cgi-bin/app//p%2F?a",
      "/p",
    ]);
  });

  test("a REQUEST_URI in absolute form loses its host", () => {
    expect(environOf({ REQUEST_URI: "http://h.example/a?b" }).REQUEST_URI).toBe("/a?b");
  });

  test("without REQUEST_URI one is made of the decoded path", () => {
    const environ = environOf({ PATH_INFO: "/a b/\xe9;c", QUERY_STRING: "d=%20" });
    expect(environ.REQUEST_URI).toBe("/cgi-bin/app/a%20b/%E9;c?d=%20");
    expect(environ.RAW_URI).toBe(environ.REQUEST_URI);
  });

  test.each(["/a b", "/a\x01", "a", "*"])("T05 the REQUEST_URI %j is refused", (uri) => {
    expect(() => environOf({ REQUEST_URI: uri })).toThrow(coded("ERR_TARGET"));
  });

  test("OPTIONS * has the path *", () => {
    const asterisk = {
      REQUEST_METHOD: "OPTIONS",
      REQUEST_URI: "*",
      SCRIPT_NAME: "",
      PATH_INFO: "",
    };
    expect(pathOf(asterisk)).toEqual(["", "*"]);
  });

  test("QUERY_STRING is the server's, else that of REQUEST_URI", () => {
    const { QUERY_STRING: _, ...without } = REQUEST;
    expect(environOf({ REQUEST_URI: "/a?b", QUERY_STRING: "c=d" }).QUERY_STRING).toBe("c=d");
    expect(environOf([...Object.entries(without), ["REQUEST_URI", "/a?b"]]).QUERY_STRING).toBe("b");
  });

  test("T05 a control character in QUERY_STRING is refused", () => {
    expect(() => environOf({ REQUEST_URI: "/", QUERY_STRING: "a\nb" })).toThrow(
      coded("ERR_TARGET"),
    );
  });
});

describe("scriptName", () => {
  test.each([
    // nginx's fastcgi_params and ProxyPass fcgi:// of Apache httpd: all of it in SCRIPT_NAME.
    ["/app", "/app/p", "", "/p"],
    ["/app", "/app", "", ""],
    ["", "/app/p", "", "/app/p"],
    ["", "/", "", "/"],
    ["/app", "", "/app/p", "/p"],
    ["/app/sub", "/app", "/sub/p", "/p"],
  ])("%j divides SCRIPT_NAME %j, PATH_INFO %j before %j", (mount, script, path, wanted) => {
    const variables = { SCRIPT_NAME: script, PATH_INFO: path };
    expect(pathOf(variables, { scriptName: mount })).toEqual([mount, wanted]);
  });

  test("what is outside is not mounted", () => {
    const variables = { SCRIPT_NAME: "/application", PATH_INFO: "" };
    expect(() => pathOf(variables, { scriptName: "/app" })).toThrow(coded("ERR_NOT_MOUNTED"));
  });
});

describe("repairPath", () => {
  // What the servers send for /fcgi/p%20a%2Fth//x, as measured: see the servers' own defaults.
  const uri = "/fcgi/p%20a%2Fth//x?q";
  const proxied = {
    SCRIPT_NAME: "/fcgi/p a/th/x",
    PATH_INFO: "",
    SCRIPT_FILENAME: "proxy:fcgi://127.0.0.1:9000/fcgi/p a/th/x",
    REQUEST_URI: uri,
  };
  const nginx = { SCRIPT_NAME: "/fcgi/p a/th/x", PATH_INFO: "", REQUEST_URI: uri };
  const cgid = { SCRIPT_NAME: "/fcgi", PATH_INFO: "/p a/th/x", REQUEST_URI: uri };

  test.each([
    ["apache", proxied, undefined, "", "/fcgi/p a/th//x"],
    ["apache", proxied, "/fcgi", "/fcgi", "/p a/th//x"],
    ["apache", cgid, undefined, "/fcgi", "/p a/th//x"],
    ["apache", { ...cgid, PATH_INFO: "", REQUEST_URI: "/fcgi" }, undefined, "/fcgi", ""],
    ["nginx", nginx, undefined, "", "/fcgi/p a/th//x"],
    ["nginx", nginx, "/fcgi", "/fcgi", "/p a/th//x"],
    ["nginx", cgid, undefined, "", "/fcgi/p a/th//x"],
    ["nginx", { ...nginx, REQUEST_URI: "/fcgi" }, "/fcgi", "/fcgi", ""],
    ["nginx", { ...nginx, REQUEST_URI: "/?a" }, undefined, "", "/"],
  ] as const)("%s: %j, scriptName %j is %j %j", (repairPath, variables, mount, script, path) => {
    const options = mount === undefined ? { repairPath } : { repairPath, scriptName: mount };
    expect(pathOf(variables, options)).toEqual([script, path]);
  });

  test("the escaped mount point is the mount point", () => {
    const variables = { ...nginx, REQUEST_URI: "/%66cgi/p" };
    expect(pathOf(variables, { repairPath: "nginx", scriptName: "/fcgi" })).toEqual([
      "/fcgi",
      "/p",
    ]);
  });

  test("the query string is still the server's", () => {
    const environ = environOf({ ...nginx, QUERY_STRING: "r=1" }, { repairPath: "nginx" });
    expect(environ.QUERY_STRING).toBe("r=1");
  });

  test("a REQUEST_URI outside scriptName is not mounted", () => {
    expect(() =>
      pathOf({ ...nginx, REQUEST_URI: "//fcgi/p" }, { repairPath: "nginx", scriptName: "/fcgi" }),
    ).toThrow(coded("ERR_NOT_MOUNTED"));
  });

  test("a missing REQUEST_URI is an error that names it", () => {
    expect(() => pathOf({ REQUEST_URI: "" }, { repairPath: "nginx" })).toThrow(
      expect.objectContaining({
        code: "ERR_EVENT",
        message: 'the variable REQUEST_URI is missing; option repairPath: "nginx" needs it',
      }),
    );
  });

  test.each([
    "/admin/../public",
    "/admin/%2e%2E/public",
    "/admin%2f..%2fpublic",
    "/a/./b",
    "/a/..",
  ])("T05 %s is refused: the server's rules were for another path", (target) => {
    expect(() => pathOf({ ...nginx, REQUEST_URI: target }, { repairPath: "nginx" })).toThrow(
      coded("ERR_TARGET"),
    );
  });

  test.each(["/.well-known/a", "/a..b/c", "/...", "/a?/../b"])(
    "%s has no dot segment",
    (target) => {
      expect(() =>
        pathOf({ ...nginx, REQUEST_URI: target }, { repairPath: "nginx" }),
      ).not.toThrow();
    },
  );

  test("another word is refused", () => {
    expect(() => environOf({}, { repairPath: "iis" as never })).toThrow(coded("ERR_OPTION"));
  });
});

test("the log of one request may be its own", () => {
  const log = new Log();
  const gateway = createCgiGateway({ errors: new Log() }, PLATFORM);
  const request = { variables: Object.entries(REQUEST), waitUntil: undefined, errors: log };
  createCgiEnviron(gateway, request).environ["wsgi.errors"].write("a\n");
  expect(log.writes).toEqual(["a\n"]);
});
