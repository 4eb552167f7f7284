import { requestUri } from "dram";
import { describe, expect, test } from "vitest";
import {
  albMulti,
  albSingle,
  edge,
  environOf,
  invoke,
  type Json,
  lattice1,
  lattice2,
  SOURCES,
  url,
  v1,
  v2,
} from "./helpers.ts";

async function paths(event: Json): Promise<string[]> {
  const { SCRIPT_NAME, PATH_INFO, QUERY_STRING, REQUEST_URI } = await environOf(event);
  return [SCRIPT_NAME, PATH_INFO, QUERY_STRING, REQUEST_URI];
}

describe("REST API", () => {
  const rest = (path: string, full: string, more: Json = {}, context: Json = {}): Json =>
    v1({ path, ...more }, { path: full, ...context });

  test.each([
    ["/a%20b", "/prod/a%20b", "/prod", "/a b"],
    ["/a%2Fb", "/prod/a%2Fb", "/prod", "/a/b"],
    ["/a%252Fb", "/prod/a%252Fb", "/prod", "/a%2Fb"],
    ["/", "/prod/", "/prod", "/"],
    ["/", "/prod", "/prod", ""],
    ["/a+b", "/prod/a+b", "/prod", "/a+b"],
  ])("T05 the path %s of %s: script name %s, path %j", async (path, full, script, info) => {
    expect((await paths(rest(path, full))).slice(0, 2)).toEqual([script, info]);
  });

  test("E08 REQUEST_URI is the path with the stage, as it was sent", async () => {
    const [, , , uri] = await paths(rest("/a%2Fb", "/prod/a%2Fb"));
    expect(uri).toBe("/prod/a%2Fb");
  });

  test("E26 requestUri gives the URL in the browser", async () => {
    const environ = await environOf(rest("/a%20b", "/prod/a%20b"));
    expect(requestUri(environ)).toBe("https://api.example/prod/a%20b");
  });

  test("E25 a base path that the event names is the script name", async () => {
    const event = rest(
      "/shop/items",
      "/shop/items",
      {},
      { customDomain: { basePathMatched: "shop" } },
    );
    expect((await paths(event)).slice(0, 2)).toEqual(["/shop", "/items"]);
  });

  test("E25 a base path is what the resource does not account for", async () => {
    const more = { resource: "/items/{id}", pathParameters: { id: "7" } };
    expect((await paths(rest("/shop/items/7", "/shop/items/7", more))).slice(0, 2)).toEqual([
      "/shop",
      "/items/7",
    ]);
  });

  test("E25 a base path before a greedy resource", async () => {
    const more = { pathParameters: { proxy: "a/b%20c" } };
    expect((await paths(rest("/shop/v1/a/b%20c", "/shop/v1/a/b%20c", more))).slice(0, 2)).toEqual([
      "/shop/v1",
      "/a/b c",
    ]);
  });

  test("E25 a base path alone, at the root resource", async () => {
    expect((await paths(rest("/shop", "/shop", { resource: "/" }))).slice(0, 2)).toEqual([
      "/shop",
      "",
    ]);
  });

  test("E25 a base path that only begins like the path takes nothing", async () => {
    const event = rest("/shop/x", "/shop/x", {}, { customDomain: { basePathMatched: "sho" } });
    expect((await paths(event)).slice(0, 2)).toEqual(["", "/shop/x"]);
  });

  test("E25 what no stage can be called takes nothing", async () => {
    expect(await paths(rest("/x", "/a%20b/x"))).toEqual(["", "/x", "", "/x"]);
  });

  test("E25 without a base path the script name is empty", async () => {
    expect((await paths(rest("/x", "/x"))).slice(0, 2)).toEqual(["", "/x"]);
  });

  test("E25 a resource that only begins like the rest of the path takes nothing", async () => {
    const more = { resource: "/{id}", pathParameters: { id: "application" } };
    expect((await paths(rest("/application", "/application", more))).slice(0, 2)).toEqual([
      "",
      "/application",
    ]);
  });
});

describe("HTTP API", () => {
  test.each([
    ["/a b", "/a b", "/a%20b"],
    ["/a%2Fb", "/a%2Fb", "/a%252Fb"],
    ["/a?b#c", "/a?b#c", "/a%3Fb%23c"],
    ["/größe", "/gr\xc3\xb6\xc3\x9fe", "/gr%C3%B6%C3%9Fe"],
    ["/a;b,c=d@e:f", "/a;b,c=d@e:f", "/a;b,c=d@e:f"],
  ])("T05 the path %s is decoded already", async (rawPath, info, uri) => {
    expect(await paths(v2({ rawPath }))).toEqual(["", info, "", uri]);
  });

  test("T05 a rawPath that differs from http.path is not decoded", async () => {
    const event = v2({ rawPath: "/a%3Fb" }, { path: "/a?b" });
    expect(await paths(event)).toEqual(["", "/a?b", "", "/a%3Fb"]);
  });

  test("T05 a lone surrogate in the path is U+FFFD", async () => {
    expect((await environOf(v2({ rawPath: "/a\ud800" }))).PATH_INFO).toBe("/a\xef\xbf\xbd");
  });

  test("T05 NUL in the path is refused", async () => {
    expect((await invoke(v2({ rawPath: "/a\0b" }))).result.statusCode).toBe(400);
  });

  test.each([
    ["/Prod/my/path", "/Prod", "/my/path"],
    ["/Prod", "/Prod", ""],
    ["/Product/x", "", "/Product/x"],
    ["/x", "", "/x"],
  ])("E25 %s in the stage Prod: script name %j, path %j", async (rawPath, script, info) => {
    const environ = await environOf(v2({ rawPath }, {}, { stage: "Prod" }));
    expect([environ.SCRIPT_NAME, environ.PATH_INFO]).toEqual([script, info]);
  });

  test("E25 an API mapping, which AWS does not name, is the option scriptName", async () => {
    const event = v2({ rawPath: "/shop/items" });
    const environ = await environOf(event, { scriptName: "/shop" });
    expect([environ.SCRIPT_NAME, environ.PATH_INFO]).toEqual(["/shop", "/items"]);
  });

  test("E13 the query is verbatim", async () => {
    const rawQueryString = "a=%zz&b=+&c=%20&&=&d";
    expect((await environOf(v2({ rawQueryString }))).QUERY_STRING).toBe(rawQueryString);
  });

  test("E17 cookies come from their list", async () => {
    const environ = await environOf(v2({ cookies: ["a=1", "b=2"] }));
    expect(environ.HTTP_COOKIE).toBe("a=1; b=2");
  });

  test("E17 without the list, from the header", async () => {
    const environ = await environOf(v2({ headers: { host: "d.example", cookie: "a=1" } }));
    expect(environ.HTTP_COOKIE).toBe("a=1");
  });

  test("payload 1.0: paths are decoded, a named stage is the script name", async () => {
    const event = v1({ version: "1.0", path: "/x y" }, { path: "/Prod/x y", stage: "Prod" });
    expect(await paths(event)).toEqual(["/Prod", "/x y", "", "/Prod/x%20y"]);
  });
});

describe("function URL", () => {
  test.each([
    ["/a%20b", "/a b"],
    ["/a%252Fb", "/a%2Fb"],
    ["/%E9", "/\xe9"],
    ["/a%zz", "/a%zz"],
  ])("T05 the path %s is decoded once", async (rawPath, info) => {
    const environ = await environOf(url({ rawPath }));
    expect([environ.PATH_INFO, environ.REQUEST_URI]).toEqual([info, rawPath]);
  });

  test("T05 %00 in the path is refused", async () => {
    expect((await invoke(url({ rawPath: "/a%00" }))).result.statusCode).toBe(400);
  });
});

describe("load balancer", () => {
  test.each([
    [
      "multi",
      albMulti({ multiValueQueryStringParameters: { "a%26b": ["c%3Dd", "+"], e: [""] } }),
      "a%26b=c%3Dd&a%26b=+&e=",
    ],
    ["single", albSingle({ queryStringParameters: { a: "%E9", b: "" } }), "a=%E9&b="],
  ])("T05 %s: the query is joined as it is", async (_mode, event, query) => {
    expect((await environOf(event)).QUERY_STRING).toBe(query);
  });

  test("T05 the path is decoded once", async () => {
    expect((await environOf(albSingle({ path: "/a%2520b" }))).PATH_INFO).toBe("/a%20b");
  });

  test.each([
    ["198.51.100.9", "198.51.100.9", undefined],
    ["6.6.6.6, 198.51.100.9", "198.51.100.9", undefined],
    ["6.6.6.6, 198.51.100.9:4711", "198.51.100.9", "4711"],
    ["6.6.6.6, [2001:db8::1]:80", "2001:db8::1", "80"],
    ["6.6.6.6, unknown", undefined, undefined],
  ])("T04 X-Forwarded-For %s: the client is %s", async (value, address, port) => {
    const headers = { host: "lb.example", "x-forwarded-for": value };
    const environ = await environOf(albSingle({ headers }));
    expect([environ.REMOTE_ADDR, environ.REMOTE_PORT]).toEqual([address, port]);
  });

  test("E26 scheme and port are those that the load balancer tells", async () => {
    const headers = {
      host: "lb.example",
      "x-forwarded-proto": "https",
      "x-forwarded-port": "8443",
    };
    const environ = await environOf(albSingle({ headers }));
    expect([environ["wsgi.url_scheme"], environ.SERVER_PORT, environ.HTTPS]).toEqual([
      "https",
      "8443",
      "on",
    ]);
  });

  test("T07 a health check names no host", async () => {
    const environ = await environOf(
      albSingle({ headers: { "user-agent": "ELB-HealthChecker/2.0" } }),
    );
    expect([environ.SERVER_NAME, environ.SERVER_PORT, "HTTP_HOST" in environ]).toEqual([
      "localhost",
      "80",
      false,
    ]);
  });
});

describe("VPC Lattice", () => {
  test.each([
    ["v1, in the path", lattice1({ raw_path: "/a%20b?c=%20&d" }), "/a b", "c=%20&d"],
    ["v1, in the map", lattice1({ query_string_parameters: { "c d": "1" } }), "/x", "c%20d=1"],
    ["v2, in the path", lattice2({ path: "/a%20b?c=%20&d" }), "/a b", "c=%20&d"],
    ["v2, in a map of strings", lattice2({ queryStringParameters: { c: "1" } }), "/x", "c=1"],
    [
      "v2, in a map of lists",
      lattice2({ queryStringParameters: { c: ["1", "2"] } }),
      "/x",
      "c=1&c=2",
    ],
  ])("E11 the query is %s", async (_name, event, path, query) => {
    const environ = await environOf(event);
    expect([environ.PATH_INFO, environ.QUERY_STRING]).toEqual([path, query]);
  });

  test("E16 headers are lists or strings", async () => {
    const headers = { host: ["svc.example"], "x-a": ["1", "2"], "x-b": "3" };
    expect(await environOf(lattice2({ headers }))).toMatchObject({
      HTTP_X_A: "1, 2",
      HTTP_X_B: "3",
      SERVER_NAME: "svc.example",
    });
  });

  test("S20 the principal is the remote user", async () => {
    const event = lattice2();
    Object.assign(event.requestContext as Json, {
      identity: { type: "AWS_IAM", principal: "arn:x" },
    });
    expect((await environOf(event)).REMOTE_USER).toBe("arn:x");
  });
});

describe("Lambda@Edge", () => {
  test("E11 the path is decoded once, the query is verbatim", async () => {
    const environ = await environOf(edge({ uri: "/a%20b", querystring: "c=%20&d" }));
    expect([environ.PATH_INFO, environ.QUERY_STRING, environ.REQUEST_URI]).toEqual([
      "/a b",
      "c=%20&d",
      "/a%20b?c=%20&d",
    ]);
  });

  test("E16 repeated fields are joined", async () => {
    const field = (value: string): Json => ({ key: "X-A", value });
    const environ = await environOf(edge({ headers: { "x-a": [field("1"), field("2")] } }));
    expect([environ.HTTP_X_A, environ.REMOTE_ADDR, environ.SERVER_NAME]).toEqual([
      "1, 2",
      "192.0.2.1",
      "d1.cloudfront.net",
    ]);
  });

  test("T13 a request body that CloudFront has cut is refused", async () => {
    const body = { action: "read-only", data: "YQ==", encoding: "base64", inputTruncated: true };
    const { environ, result } = await invoke(edge({ method: "POST", body }));
    expect([environ, result.status]).toEqual([undefined, "413"]);
  });
});

describe("who it is", () => {
  test.each([
    ["an IAM caller, v2", v2({}, {}, { authorizer: { iam: { userArn: "arn:u" } } }), "arn:u"],
    ["a token's subject, v2", v2({}, {}, { authorizer: { jwt: { claims: { sub: "s" } } } }), "s"],
    ["a Cognito subject, v1", v1({}, { authorizer: { claims: { sub: "s" } } }), "s"],
    ["an authorizer's principal, v1", v1({}, { authorizer: { principalId: "p" } }), "p"],
    [
      "an IAM caller, v1",
      v1({}, { identity: { sourceIp: "192.0.2.1", userArn: "arn:u" } }),
      "arn:u",
    ],
    ["nobody, v2", v2(), undefined],
    [
      "nobody, by empty strings",
      v1({}, { authorizer: null, identity: { userArn: "" } }),
      undefined,
    ],
  ])("S20 REMOTE_USER is %s", async (_who, event, user) => {
    const environ = await environOf(event);
    expect([environ.REMOTE_USER, "REMOTE_USER" in environ]).toEqual([user, user !== undefined]);
  });

  test("S18 a client certificate becomes the variables of mod_ssl", async () => {
    const clientCert = {
      clientCertPem: "PEM",
      subjectDN: "CN=é",
      issuerDN: "CN=i",
      serialNumber: "7",
    };
    expect(await environOf(v2({}, {}, { authentication: { clientCert } }))).toMatchObject({
      SSL_CLIENT_VERIFY: "SUCCESS",
      SSL_CLIENT_CERT: "PEM",
      SSL_CLIENT_S_DN: "CN=\xc3\xa9",
      SSL_CLIENT_I_DN: "CN=i",
      SSL_CLIENT_M_SERIAL: "7",
    });
  });

  test("T04 an emulator on this machine is believed about scheme and port", async () => {
    const headers = {
      host: "127.0.0.1:3000",
      "x-forwarded-proto": "http",
      "x-forwarded-port": "3000",
    };
    const environ = await environOf(v2({ headers }, {}, { domainName: "localhost" }));
    expect([environ["wsgi.url_scheme"], environ.SERVER_PORT]).toEqual(["http", "3000"]);
  });
});

describe("headers", () => {
  test("T09 the map of lists wins, name by name and in any case", async () => {
    const environ = await environOf(
      v1({
        headers: { "X-A": "2", "x-b": "b", "x-C": "only here" },
        multiValueHeaders: { "x-a": ["1", "2"], "X-B": ["b", "bb"] },
      }),
    );
    expect(environ).toMatchObject({ HTTP_X_A: "1, 2", HTTP_X_B: "b, bb", HTTP_X_C: "only here" });
  });

  test.each([
    ["null", { headers: null, multiValueHeaders: null }],
    ["absent", { headers: undefined, multiValueHeaders: undefined }],
    ["empty", { headers: {}, multiValueHeaders: {} }],
  ])("T14 %s maps of a REST API are no headers", async (_kind, maps) => {
    const environ = await environOf(v1(maps));
    expect(Object.keys(environ).filter((key) => key.startsWith("HTTP_"))).toEqual([]);
    expect(environ.SERVER_NAME).toBe("api.example");
  });

  test("T14 a number is the text of it", async () => {
    expect((await environOf(v2({ headers: { "x-a": 5 } }))).HTTP_X_A).toBe("5");
  });

  test("T12 no header becomes the event or the context", async () => {
    const headers = {
      "x-apigateway-event": "%7B%22forged%22%3Atrue%7D",
      "aws.event": "forged",
      "aws.context": "forged",
      "script-name": "/forged",
    };
    const event = v2({ headers });
    const environ = await environOf(event);
    expect(environ["aws.event"]).toBe(event);
    expect(environ["aws.context"]).toHaveProperty("functionName");
    expect(environ.SCRIPT_NAME).toBe("");
  });

  test("T01 a name with an underscore is dropped", async () => {
    const environ = await environOf(v2({ headers: { x_a: "1", "x-a": "2" } }));
    expect(environ.HTTP_X_A).toBe("2");
  });
});

test.each(Object.entries(SOURCES))(
  "S22 %s has the keys of WSGI and of Lambda",
  async (_name, event) => {
    const environ = await environOf(event);
    expect(environ["wsgi.input_terminated"]).toBe(true);
    expect([environ["wsgi.multiprocess"], environ["wsgi.run_once"]]).toEqual([true, false]);
    expect(environ["dram.signal"]).toBeInstanceOf(AbortSignal);
    expect(environ["dram.signal"]?.aborted).toBe(false);
    expect(environ["dram.wait_until"]).toBeTypeOf("function");
    expect(environ["dram.request_id"]).toBe("request-1");
    expect(environ.REMOTE_ADDR).toBe("192.0.2.1");
  },
);
