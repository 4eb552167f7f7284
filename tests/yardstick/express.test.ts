import type { HeaderList } from "dram";
import {
  type Conversations,
  compare,
  counted,
  type Difference,
  get,
  inPieces,
  post,
} from "./compare.ts";
import { createApp } from "./expressapp.ts";
import type { Answer } from "./listeners.ts";

const FORM: HeaderList[number] = ["Content-Type", "application/x-www-form-urlencoded"];
const JSON_TYPE: HeaderList[number] = ["Content-Type", "application/json"];

const PARTS = [
  '--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nTwo files\r\n',
  '--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nfirst\r\n',
  '--b\r\nContent-Disposition: form-data; name="files"; filename="b.bin"\r\n\r\n\u00ff\r\n--b--\r\n',
];
const MULTIPART: HeaderList[number] = ["Content-Type", "multipart/form-data; boundary=b"];

const conversations: Conversations = {
  "res.send of a text": get("/"),
  "HEAD of a text": [{ method: "HEAD", path: "/" }],
  "OPTIONS of a route": [{ method: "OPTIONS", path: "/methods" }],
  "an answer that is not modified": get("/", [
    "If-None-Match",
    'W/"c-lmlu8kr2vPyeaVkEHcgJ43DODlc"',
  ]),
  "an empty answer": get("/empty"),
  "res.send of bytes": get("/buffer"),
  "res.json": get("/json"),
  "res.jsonp": get("/jsonp?callback=call"),
  "res.sendStatus": [...get("/status/201"), ...get("/status/204"), ...get("/status/404")],
  "res.redirect": [...get("/redirect"), ...get("/moved")],
  "res.redirect for a text client": get("/redirect", ["Accept", "text/html"]),
  "res.format": [
    ...get("/format", ["Accept", "text/html"]),
    ...get("/format", ["Accept", "application/json;q=0.9, text/plain;q=0.1"]),
    ...get("/format", ["Accept", "image/png"]),
  ],
  "headers of every kind": get("/headers"),
  "a repeated header": get("/vary", ["X-Many", "1"], ["X-Many", "2"]),
  "req and its getters": get(
    "/request?a[b]=1&a[c]=2&d=x%20y",
    ["Accept-Language", "en;q=0.5, de"],
    ["X-Requested-With", "XMLHttpRequest"],
  ),
  "other methods": [
    { method: "PUT", path: "/methods" },
    { method: "PATCH", path: "/methods" },
    { method: "DELETE", path: "/methods" },
    { method: "GET", path: "/methods" },
  ],
  "express.json": post("/echo/json", '{"a":[1,2]}', JSON_TYPE),
  "express.json of an unknown length": post("/echo/json", inPieces('{"a"', ":1}"), JSON_TYPE),
  "express.json of what is none": post("/echo/json", "{a", JSON_TYPE),
  "express.json past its limit": post("/echo/json", JSON.stringify("x".repeat(200)), JSON_TYPE),
  "express.json past its limit, of an unknown length": post(
    "/echo/json",
    inPieces('"', "x".repeat(200), '"'),
    JSON_TYPE,
  ),
  "express.json of another type": post("/echo/json", "a=1", FORM),
  "a POST without a body": [{ method: "POST", path: "/echo/any" }],
  "express.urlencoded": post("/echo/form", "a[b]=1&a[c]=x+y&d=%C3%A9", FORM),
  "express.raw": post("/echo/raw", "\u0000\u00ff", ["Content-Type", "application/octet-stream"]),
  "express.text": post("/echo/text", "caf\u00e9", ["Content-Type", "text/plain; charset=utf-8"]),
  "an upload": post("/upload", PARTS.join(""), MULTIPART),
  "an upload of an unknown length": post("/upload", inPieces(...PARTS), MULTIPART),
  "an upload past its limit": post(
    "/upload",
    `${PARTS[1]?.replace("first", "x".repeat(2000))}--b--\r\n`,
    MULTIPART,
  ),
  "a body piped back": post("/pipe", "x".repeat(200_000)),
  "a static file": get("/static/file.txt"),
  "a static file with a space and a query": get("/static/with%20space.json?v=1"),
  "HEAD of a static file": [{ method: "HEAD", path: "/static/file.txt" }],
  "a range of a static file": get("/static/file.txt", ["Range", "bytes=3-7"]),
  "the end of a static file": get("/static/file.txt", ["Range", "bytes=-4"]),
  "a range that is none": get("/static/file.txt", ["Range", "bytes=90-95"]),
  "two ranges": get("/static/file.txt", ["Range", "bytes=0-1,4-5"]),
  "a static file that is not modified": get("/static/file.txt", [
    "If-Modified-Since",
    "Fri, 01 Jan 2100 00:00:00 GMT",
  ]),
  "a folder without its slash": get("/static"),
  "the page of a folder": get("/static/"),
  "a static file that is lost": get("/static/lost.txt"),
  "a way out of the folder": get("/static/..%2fexpressapp.ts"),
  "res.sendFile": [...get("/file"), ...get("/file", ["Range", "bytes=0-0"]), ...get("/lost")],
  "res.download": get("/download"),
  "a session": [
    ...get("/me"),
    ...post("/login", "name=Ada", FORM),
    ...get("/me"),
    ...get("/me"),
    { method: "POST", path: "/logout" },
    ...get("/me"),
  ],
  cookies: [...get("/cookies"), ...get("/cookies")],
  "writes over time": get("/stream"),
  events: get("/events"),
  "a pipeline": get("/pipeline"),
  "compression with gzip": get("/compressed/text", ["Accept-Encoding", "gzip"]),
  "compression with brotli": get("/compressed/text", ["Accept-Encoding", "br;q=1, gzip;q=0.5"]),
  "compression that nobody wants": get("/compressed/text"),
  "compression of what is small": get("/compressed/small", ["Accept-Encoding", "gzip"]),
  "compression for HEAD": [
    { method: "HEAD", path: "/compressed/text", headers: [["Accept-Encoding", "gzip"]] },
  ],
  "compression that is flushed": get("/compressed/flushed", ["Accept-Encoding", "gzip"]),
  "a router below a path": get("/outer/7%2F8/here/x?y=1"),
  "a proxy that is trusted": get(
    "/behind",
    ["X-Forwarded-For", "192.0.2.1, 192.0.2.2"],
    ["X-Forwarded-Proto", "https"],
    ["X-Forwarded-Host", "outside.example"],
  ),
  "an error that is thrown": get("/throws"),
  "an error that rejects, and is told": get("/rejects"),
  "an error for a handler of the application's": get("/next"),
  "an error with headers of its own": get("/late"),
  "nothing there": get("/nothing/here?x=<script>"),
  "a path that cannot be decoded": get("/status/%E9"),
};

const differences: readonly Difference[] = [
  {
    way: "dram/fetch",
    why: "Headers of the Fetch API joins repeated fields but for Set-Cookie.",
    conversations: ["headers of every kind"],
    change: joined,
  },
  {
    way: "dram/lambda",
    why: "A result has one value a name, but for its cookies.",
    conversations: ["headers of every kind"],
    change: joined,
  },
  {
    way: "dram/lambda",
    why: "The result is the whole response, and AWS counts it.",
    conversations: [
      "a body piped back",
      "writes over time",
      "events",
      "a pipeline",
      "compression with gzip",
      "compression with brotli",
      "compression that is flushed",
    ],
    change: counted,
  },
  {
    way: "dram/lambda",
    why: "AWS joins repeated headers itself, by a comma without a space.",
    conversations: ["a repeated header"],
    change: ({ headers, ...answer }) => ({
      ...answer,
      body: "1,2",
      headers: {
        ...headers,
        "content-length": ["3"],
        etag: ['W/"3-Ihn+y4Ya6CuicG5JoGXI0VXp8qY"'],
      },
    }),
  },
  {
    way: "dram/lambda",
    why: "AWS adds the client to X-Forwarded-For: there is one more hop to trust.",
    conversations: ["a proxy that is trusted"],
    change: ({ headers, ...answer }) => ({
      ...answer,
      body: answer.body.replaceAll("192.0.2.2", "127.0.0.1"),
      headers: { ...headers, etag: ['W/"81-yXI8bqot7uTYmZMU+V1UaYOuxO4"'] },
    }),
  },
];

function joined({ headers, ...answer }: Answer): Answer {
  const entries = Object.entries(headers).map(([name, values]) => [
    name,
    name === "set-cookie" ? values : [values.join(", ")],
  ]);
  return { ...answer, headers: Object.fromEntries(entries) };
}

compare("Express", createApp, conversations, differences);
