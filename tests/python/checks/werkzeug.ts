import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { PYTHON } from "../../targets/gunicorn.ts";
import { site } from "../../targets/pythonsite.ts";
import type { Check } from "./check.ts";
import type { Visitor } from "./visitor.ts";

/** A request, and what of it needs which ability. */
interface Case {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

const BOUNDARY = "a-boundary";
const FORM = { "Content-Type": "application/x-www-form-urlencoded" };

const CASES: Readonly<Record<string, Case>> = {
  "addresses are built": { path: "/" },
  "a missing slash is added": { path: "/about?a=1" },
  "a page of another type": { path: "/about/" },
  "a number in the path": { path: "/number/42" },
  "a number too large": { path: "/number/100" },
  "a word for a number": { path: "/number/x" },
  "a decimal in the path": { path: "/float/-1.5" },
  "a UUID in the path": { path: "/uuid/00000000-0000-4000-8000-000000000001" },
  "one of two words": { path: "/any/green" },
  "another word": { path: "/any/blue" },
  "the rest of a path": { path: "/path/a/b%20c/%E4%B8%96%C3%A4/%2525" },
  "a path that is not UTF-8": { path: "/path/%FF%FE" },
  "slashes that are merged": { path: "/path//a" },
  "an address that has moved": { path: "/old/7" },
  "a method that is not allowed": { path: "/post" },
  OPTIONS: { method: "OPTIONS", path: "/post" },
  HEAD: { method: "HEAD", path: "/cached" },
  "a form": { method: "POST", path: "/post", headers: FORM, body: bytes("a=1&b=%C3%A4+%2B&a=2&c") },
  "a form with nothing in it": { method: "POST", path: "/post", headers: FORM, body: bytes("") },
  "a form with files": {
    method: "POST",
    path: "/post",
    headers: { "Content-Type": `multipart/form-data; boundary=${BOUNDARY}` },
    body: multipart(),
  },
  "a form with files that breaks off": {
    method: "POST",
    path: "/post",
    headers: { "Content-Type": `multipart/form-data; boundary=${BOUNDARY}` },
    body: multipart().subarray(0, 150),
  },
  JSON: {
    method: "PUT",
    path: "/post",
    headers: { "Content-Type": "application/json" },
    body: bytes('{"a":["\u00e4",null]}'),
  },
  "JSON that is none": {
    method: "PUT",
    path: "/post",
    headers: { "Content-Type": "application/json" },
    body: bytes("{"),
  },
  "bytes of no type": { method: "POST", path: "/post", body: new Uint8Array(70_000).fill(255) },
  "what a request is": { path: "/request?a=1&b=%C3%A4+%2B&a=2&c=" },
  "a request with a browser's headers": {
    path: "/request",
    headers: {
      "User-Agent": "Mozilla/5.0 (X11; Linux x86_64)",
      "Accept-Language": "de-AT, de;q=0.9, en;q=0.5",
      "X-Requested-With": "XMLHttpRequest",
    },
  },
  "a request for a range": { path: "/request", headers: { Range: "bytes=1-2, 5-" } },
  "a request with a password": { path: "/request", headers: { Authorization: "Basic YTpiOmM=" } },
  "a request under conditions": {
    path: "/request",
    headers: {
      "If-None-Match": 'W/"a", "b"',
      "If-Modified-Since": "Fri, 02 Jan 2026 03:04:05 GMT",
    },
  },
  "JSON is preferred": { path: "/negotiate", headers: { Accept: "application/json" } },
  "HTML is preferred": { path: "/negotiate", headers: { Accept: "text/html, */*;q=0.1" } },
  "all of a file": { path: "/cached" },
  "a range of it": { path: "/cached", headers: { Range: "bytes=10-19" } },
  "the end of it": { path: "/cached", headers: { Range: "bytes=-5" } },
  "a range beyond it": { path: "/cached", headers: { Range: "bytes=9999-" } },
  "the same entity": { path: "/cached", headers: { "If-None-Match": '"v1"' } },
  "another entity": { path: "/cached", headers: { "If-None-Match": '"v2"' } },
  "not changed since": {
    path: "/cached",
    headers: { "If-Modified-Since": "Fri, 02 Jan 2026 03:04:05 GMT" },
  },
  cookies: { path: "/cookies", headers: { Cookie: 'a=1; b="x y"; c=%C3%A4; d' } },
  "a redirect": { path: "/away" },
  "a stream": { path: "/stream" },
  "no password": { path: "/secret" },
  "the password": { path: "/secret", headers: { Authorization: "Basic bWU6b3Blbg==" } },
  "a teapot": { path: "/teapot" },
  "no content": { path: "/nothing" },
  "no page": { path: "/nowhere" },
};

/** Of werkzeugapp: each answer is the one that Werkzeug's own test client gets. */
export const WERKZEUG: readonly Check[] = Object.entries(CASES).map(([name, request]) => ({
  name: `Werkzeug's own client has the same answer: ${name}`,
  async run(visitor) {
    const { method = "GET", path, headers = {}, body } = request;
    const answer = await visitor.visit(path, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    const expected = askWerkzeug(visitor)[Object.keys(CASES).indexOf(name)];
    expect({
      status: answer.status,
      headers: comparable(answer.headers),
      body: answer.bytes.toString("base64"),
    }).toEqual({
      status: Number(expected?.status.slice(0, 3)),
      headers: comparable(expected?.headers ?? []),
      body: expected?.body,
    });
  },
}));

/** What a server says of itself, the time, and the connection. */
const OF_THE_SERVER = [
  "connection",
  "content-length",
  "date",
  "keep-alive",
  "server",
  "transfer-encoding",
];

function comparable(headers: Expected["headers"]): string[] {
  return headers
    .filter(([name]) => !OF_THE_SERVER.includes(name))
    .map(([name, value]) => `${name}: ${name === "allow" ? sorted(value) : value}`)
    .toSorted();
}

/** Methods come out of a set, in an order that another Python does not have. */
function sorted(list: string): string {
  return list.split(", ").toSorted().join(", ");
}

interface Expected {
  readonly status: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

const asked = new Map<string, Expected[]>();

/** What Werkzeug's client gets of the same application at the same address, in a Python of the system. */
function askWerkzeug({ site: { origin, mount } }: Visitor): Expected[] {
  const base = origin + mount;
  const answers = asked.get(base) ?? request(base);
  asked.set(base, answers);
  return answers;
}

function request(base: string): Expected[] {
  const requests = Object.values(CASES).map(
    ({ method = "GET", path, headers = {}, body = bytes("") }) => ({
      ...{ base, method, path },
      headers: Object.entries(headers),
      body: Buffer.from(body).toString("base64"),
    }),
  );
  const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  const output = execFileSync(PYTHON, [folder("./werkzeugclient.py")], {
    input: JSON.stringify(requests),
    env: {
      PYTHONPATH: [folder("../apps"), site("werkzeug")].join(":"),
      PYTHONDONTWRITEBYTECODE: "1",
    },
    maxBuffer: 16 * 1024 * 1024,
  });
  return JSON.parse(output.toString());
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function multipart(): Uint8Array {
  const lines = [
    `--${BOUNDARY}`,
    'Content-Disposition: form-data; name="a"',
    "",
    "\u00e4\r\n",
    `--${BOUNDARY}`,
    'Content-Disposition: form-data; name="file"; filename="Bild \u00fc.png"',
    "Content-Type: image/png",
    "",
    "\u0000\u0001\r\n--a-boundar",
    `--${BOUNDARY}--`,
    "",
  ];
  return bytes(lines.join("\r\n"));
}
