import { createHash } from "node:crypto";
import type { TestRequest } from "../../targets/target.ts";

const FORM = ["Content-Type", "application/x-www-form-urlencoded"] as const;
const JSON_TYPE = ["Content-Type", "application/json"] as const;
const MULTIPART = ["Content-Type", "multipart/form-data; boundary=b"] as const;
const BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const PARTS = Buffer.from(
  [
    '--b\r\nContent-Disposition: form-data; name="title"\r\n\r\ncaf\u00c3\u00a9\r\n',
    '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nfirst\nfile\r\n',
    '--b\r\nContent-Disposition: form-data; name="bytes"; filename="b.bin"\r\n\r\n\u0000\u00ff\u0080\r\n--b--\r\n',
  ].join(""),
  "latin1",
);

/** What is asked of httpbin, by its names. */
export const REQUESTS: Readonly<Record<string, TestRequest>> = {
  "the page": get("/"),
  "HEAD of the page": { method: "HEAD", path: "/" },
  "OPTIONS of the page": { method: "OPTIONS", path: "/" },
  "a preflight": {
    method: "OPTIONS",
    path: "/post",
    headers: [
      ["Origin", "https://other.example"],
      ["Access-Control-Request-Method", "POST"],
      ["Access-Control-Request-Headers", "x-one, x-two"],
    ],
  },
  "a static page": get("/html"),
  "robots.txt": get("/robots.txt"),
  "a page in ASCII art": get("/deny"),
  "a template of UTF-8": get("/encoding/utf8"),
  "a template of XML": get("/xml"),
  JSON: get("/json"),
  "the form": get("/forms/post"),
  "the address of the client": get("/ip"),
  "the address of the client, as a proxy tells it": get("/ip", ["X-Forwarded-For", "192.0.2.7"]),
  "a random UUID": get("/uuid"),
  "headers of a request": get(
    "/headers",
    ["X-Plain", "one"],
    ["X-Latin", "caf\u00e9"],
    ["Accept-Language", "de, en;q=0.5"],
  ),
  "an empty header": get("/headers", ["X-Empty", ""]),
  "a header with a comma and a semicolon": get("/headers", ["X-List", 'a, "b; c"; d']),
  "cookies in one header": get("/cookies", ["Cookie", "a=1; b=2; c=caf%C3%A9"]),
  "the user agent": get("/user-agent", ["User-Agent", "oracle/1.0 (x)"]),
  "no user agent": get("/user-agent"),
  "a query": get("/get?a=1&a=2&b=x+y&c=%C3%A9&d&e="),
  "a query of bytes that are no UTF-8": get("/get?a=%FF%FE&b=%E9"),
  "a query with what has a meaning": get("/get?a=1;b=2&c=%26%3D%2B&d=a/b?c"),
  "an empty query": get("/get?"),
  "a URL that a proxy has had as https": get("/get", ["X-Forwarded-Proto", "https"]),
  "any path": get("/anything/a/b/c"),
  "any path with escapes": get("/anything/caf%C3%A9/a%20b/c%2Fd/%3F%23"),
  "any path of bytes that are no UTF-8": get("/anything/%FF%fe"),
  "any path with a percent sign": get("/anything/100%25"),
  "any path with what needs no escape": get("/anything/a;b=c,d/!$&'()*+:@"),
  "any path with two slashes": get("/anything/a//b/"),
  "any path with dots": get("/anything/a/./b/../c"),
  "any method: TRACE": { method: "TRACE", path: "/anything" },
  "any method: PATCH": sent("PATCH", "/anything", "x"),
  "any method: DELETE with a body": sent("DELETE", "/delete?x=1", '{"a":1}', JSON_TYPE),
  "HEAD of any path": { method: "HEAD", path: "/anything" },
  "POST without a body": { method: "POST", path: "/post", headers: [["Content-Length", "0"]] },
  "POST of a form": sent("POST", "/post", "a=1&b=x+y&c=%C3%A9&a=2", FORM),
  "POST of JSON": sent("POST", "/post", '{"a":[1,2,null],"b":"\\u00e9"}', JSON_TYPE),
  "POST of JSON that is none": sent("POST", "/post", "{a", JSON_TYPE),
  "POST of text": sent("POST", "/post?x=1", "one\r\ntwo\n", ["Content-Type", "text/plain"]),
  "POST of all bytes": sent("POST", "/post", BYTES, ["Content-Type", "application/octet-stream"]),
  "POST of no type": sent("POST", "/post", "nothing is said of it"),
  "POST of files": sent("POST", "/post", PARTS, MULTIPART),
  "POST of files that break off": sent("POST", "/post", PARTS.subarray(0, 200), MULTIPART),
  "POST of a large body": sent("POST", "/post", "x".repeat(300_000), [
    "Content-Type",
    "text/plain",
  ]),
  "POST of a large form": sent("POST", "/post", `a=${"x".repeat(100_000)}`, FORM),
  "PUT of JSON": sent("PUT", "/put", "[]", JSON_TYPE),
  "PATCH of text": sent("PATCH", "/patch", "patched"),
  "POST in chunks": inChunks(["one ", "two"], ["Content-Type", "text/plain"]),
  "POST of a form in chunks": inChunks(["a=1&", "b=2"], FORM),
  "POST of files in chunks": inChunks(
    [PARTS.subarray(0, 90).toString("latin1"), PARTS.subarray(90).toString("latin1")],
    MULTIPART,
  ),
  "POST where there is GET alone": { method: "POST", path: "/get" },
  "GET where there is POST alone": get("/post"),
  "a path that is not there": get("/nothing/here?x=<script>"),
  "a redirect": get("/redirect/1"),
  "a redirect to a redirect": get("/redirect/3"),
  "an absolute redirect": get("/absolute-redirect/2"),
  "a relative redirect": get("/relative-redirect/2"),
  "a redirect to any URL": get(
    "/redirect-to?url=https%3A%2F%2Fother.example%2F%3Fa%3D1&status_code=307",
  ),
  "a redirect by POST": sent("POST", "/redirect-to", "url=%2Fcaf%C3%A9&status_code=303", FORM),
  "an assertion that fails": get("/redirect/0"),
  ...Object.fromEntries(
    [200, 201, 204, 206, 301, 304, 400, 401, 402, 404, 406, 407, 418, 429, 500, 503, 599].map(
      (status) => [`status ${status}`, get(`/status/${status}`)],
    ),
  ),
  "a status that is none": get("/status/abc"),
  "HEAD of a status": { method: "HEAD", path: "/status/418" },
  "POST of a status": { method: "POST", path: "/status/200" },
  "headers that are asked for": get("/response-headers?X-One=1&X-Two=a%20b&X-Two=c&X-Latin=caf%E9"),
  "Content-Type that is asked for": get(
    "/response-headers?Content-Type=text/plain;%20charset=UTF-8",
  ),
  "headers that are asked for by POST": { method: "POST", path: "/response-headers?freeform=x" },
  "a cookie to keep": get("/cookies/set/name/value"),
  "cookies to keep": get("/cookies/set?a=1&b=two&c=caf%C3%A9"),
  "cookies to forget": get("/cookies/delete?a=&b="),
  "no credentials": get("/basic-auth/user/pass"),
  credentials: get("/basic-auth/user/pass", ["Authorization", basic("user:pass")]),
  "credentials that are wrong": get("/basic-auth/user/pass", ["Authorization", basic("user:no")]),
  "credentials of UTF-8": get("/basic-auth/us%C3%A9r/pass", [
    "Authorization",
    basic("us\u00e9r:pass"),
  ]),
  "credentials that are hidden": get("/hidden-basic-auth/user/pass"),
  "a token": get("/bearer", ["Authorization", "Bearer abc.def"]),
  "no token": get("/bearer"),
  "a digest that is asked for": get("/digest-auth/auth/user/pass"),
  "a digest": get("/digest-auth/auth/user/pass", [
    "Authorization",
    digest("md5", "/digest-auth/auth/user/pass"),
  ]),
  "a digest of SHA-256": get("/digest-auth/auth/user/pass/SHA-256", [
    "Authorization",
    digest("sha256", "/digest-auth/auth/user/pass/SHA-256"),
  ]),
  "gzip of the application": get("/gzip"),
  "deflate of the application": get("/deflate"),
  "brotli of the application": get("/brotli"),
  "a stream of lines": get("/stream/5"),
  "a stream of nothing": get("/stream/0"),
  "HEAD of a stream": { method: "HEAD", path: "/stream/3" },
  "bytes by a seed": get("/bytes/1000?seed=7"),
  "no bytes": get("/bytes/0?seed=1"),
  "a stream of bytes by a seed": get("/stream-bytes/5000?seed=7&chunk_size=700"),
  "bytes that drip": get("/drip?duration=0.1&numbytes=5&code=200"),
  "bytes that drip with a status": get("/drip?duration=0.05&numbytes=2&code=500"),
  "an answer that is late": get("/delay/0.1"),
  "a range that is whole": get("/range/1000"),
  "a range": get("/range/1000", ["Range", "bytes=10-29"]),
  "the end of a range": get("/range/1000?chunk_size=7", ["Range", "bytes=-50"]),
  "a range that is none": get("/range/1000", ["Range", "bytes=2000-"]),
  "a range that is too long": get("/range/200000"),
  "an entity tag": get("/etag/abc"),
  "an entity tag that matches": get("/etag/abc", ["If-None-Match", 'W/"x", "abc"']),
  "an entity tag that must match": get("/etag/abc", ["If-Match", '"other"']),
  "a page for a cache": get("/cache"),
  "a page that a cache has": get("/cache", ["If-None-Match", "x"]),
  "a page with Cache-Control": get("/cache/60"),
  "links between pages": get("/links/5/2"),
  "the first of the links": get("/links/5"),
  base64: get("/base64/Y2Fmw6kg4oKs"),
  "base64 that is none": get("/base64/%FF"),
  "an image by Accept": get("/image", ["Accept", "image/svg+xml"]),
  "an image that nobody has": get("/image", ["Accept", "application/pdf"]),
  "a PNG": get("/image/png"),
  "a JPEG": get("/image/jpeg"),
  "HEAD of a WebP": { method: "HEAD", path: "/image/webp" },
};

type Headers = readonly (readonly [name: string, value: string])[];

function get(path: string, ...headers: Headers): TestRequest {
  return { path, headers };
}

function sent(
  method: string,
  path: string,
  body: string | Uint8Array,
  ...headers: Headers
): TestRequest {
  const bytes = Buffer.from(body);
  return {
    method,
    path,
    headers: [...headers, ["Content-Length", String(bytes.length)]],
    body: bytes,
  };
}

/** Of a length that is not told. */
function inChunks(pieces: readonly string[], ...headers: Headers): TestRequest {
  const body = {
    async *[Symbol.asyncIterator]() {
      yield* pieces.map((piece) => Buffer.from(piece, "latin1"));
    },
  };
  return { method: "POST", path: "/post", headers, body };
}

function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials).toString("base64")}`;
}

/** Of user and pass, for a nonce that httpbin takes from whoever has it. */
function digest(algorithm: "md5" | "sha256", uri: string): string {
  const hash = (text: string) => createHash(algorithm).update(text).digest("hex");
  const secret = hash("user:me@kennethreitz.com:pass");
  const response = hash(`${secret}:nonce:00000001:client:auth:${hash(`GET:${uri}`)}`);
  return [
    'Digest username="user", realm="me@kennethreitz.com", nonce="nonce"',
    `uri="${uri}", response="${response}", qop=auth, nc=00000001, cnonce="client"`,
    `opaque="opaque", algorithm=${algorithm === "md5" ? "MD5" : "SHA-256"}`,
  ].join(", ");
}
