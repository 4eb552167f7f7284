/** One request to be answered alike everywhere. */
export interface YardstickRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
}

const BOUNDARY = "----yardstick";
const MULTIPART = [
  `--${BOUNDARY}`,
  'Content-Disposition: form-data; name="field"',
  "",
  "a value",
  `--${BOUNDARY}`,
  'Content-Disposition: form-data; name="file"; filename="größe.txt"',
  "Content-Type: text/plain",
  "",
  "the content\r\nof a file",
  `--${BOUNDARY}--`,
  "",
].join("\r\n");

const SIGNED = "signed=value.NuH2%2FrTmflrrCe7skMneUK6a5ioi1CwnqOTndPUZnGM%3D";

export const requests: Readonly<Record<string, YardstickRequest>> = {
  text: { path: "/text" },
  "text to HEAD": { method: "HEAD", path: "/text" },
  json: { path: "/json" },
  html: { path: "/html" },
  "all bytes": { path: "/bytes" },
  "204": { path: "/nothing" },
  "304": { path: "/unchanged" },
  "an empty body": { path: "/empty" },
  "a redirect": { path: "/moved" },
  "repeated headers": { path: "/headers" },
  "an error": { path: "/fails" },
  "an HTTPException": { path: "/teapot" },
  "no such page": { path: "/nowhere/at%20all" },
  "parameters in the path": { path: "/params/a%20b%2Fc/42?x=1&y=%C3%BC" },
  "a parameter that does not match": { path: "/params/a/b" },
  "repeated parameters": { path: "/queries?a=1&a=2&b=" },
  cookies: { path: "/cookies", headers: [["Cookie", `plain=a%20b; other=1; ${SIGNED}`]] },
  "cookies to keep": { path: "/cookies/set" },
  "a stream": { path: "/stream" },
  "a stream of text": { path: "/stream/text" },
  "server-sent events": { path: "/stream/events" },
  "a compressed page": { path: "/compressed/text", headers: [["Accept-Encoding", "gzip"]] },
  "a page too short to compress": {
    path: "/compressed/short",
    headers: [["Accept-Encoding", "gzip"]],
  },
  "a page that cannot be compressed": {
    path: "/compressed/text",
    headers: [["Accept-Encoding", "identity"]],
  },
  "an entity tag": { path: "/tagged/text" },
  "an entity tag that matches": {
    path: "/tagged/text",
    headers: [["If-None-Match", '"8e1ec218dc7ecaadd65388fba9b6723ce114268a"']],
  },
  "a page for another origin": {
    path: "/shared/text",
    headers: [["Origin", "https://other.example"]],
  },
  "a preflight": {
    method: "OPTIONS",
    path: "/shared/text",
    headers: [
      ["Origin", "https://other.example"],
      ["Access-Control-Request-Method", "PUT"],
      ["Access-Control-Request-Headers", "x-a, x-b"],
    ],
  },
  "a body within its limit": { method: "POST", path: "/limited/text", body: "0123456789" },
  "a body over its limit": { method: "POST", path: "/limited/text", body: "0123456789a" },
  "no credentials": { path: "/private/text" },
  credentials: {
    path: "/private/text",
    headers: [["Authorization", `Basic ${Buffer.from("user:pass wörd").toString("base64")}`]],
  },
  "wrong credentials": { path: "/private/text", headers: [["Authorization", "Basic bm86bm8="]] },
  "secure headers": { path: "/secure/text" },
  "a page that takes too long": { path: "/slow/text" },
  "a body sent back": { method: "POST", path: "/echo", body: "a body\n".repeat(500) },
  "a form": {
    method: "POST",
    path: "/form",
    headers: [["Content-Type", "application/x-www-form-urlencoded"]],
    body: "a=1&a=2&text=gr%C3%B6%C3%9Fe+%26",
  },
  "an upload": {
    method: "POST",
    path: "/upload",
    headers: [["Content-Type", `multipart/form-data; boundary=${BOUNDARY}`]],
    body: MULTIPART,
  },
  "JSON in and out": {
    method: "PUT",
    path: "/json",
    headers: [["Content-Type", "application/json"]],
    body: '{"a":[1,"größe"]}',
  },
  "broken JSON": {
    method: "PUT",
    path: "/json",
    headers: [["Content-Type", "application/json"]],
    body: "{",
  },
  "DELETE without a body": { method: "DELETE", path: "/method" },
  "POST without a body": { method: "POST", path: "/method" },
  "a mounted handler": { path: "/mounted/page" },
  "a router below a path": { path: "/below/base/page" },
};
