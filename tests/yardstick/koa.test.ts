import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { RequestListener } from "dram/from/node";
import Koa from "koa";
import {
  type Conversations,
  compare,
  counted,
  type Difference,
  get,
  inPieces,
  post,
} from "./compare.ts";

/** What Koa does without a middleware of anybody else. */
function createListener(): RequestListener {
  const app = new Koa({ proxy: true, keys: ["a key"] });
  app.silent = true;
  app.use(async (context, next) => {
    await next();
    context.set("X-Seen", `${context.method} ${context.originalUrl} ${context.host}`);
  });
  app.use(async (context) => {
    switch (context.path) {
      case "/text":
        context.body = "caf\u00e9";
        break;
      case "/json":
        context.body = { ip: context.ip, secure: context.secure, query: context.query };
        break;
      case "/bytes":
        context.body = Buffer.from([0, 255]);
        break;
      case "/stream":
        context.body = Readable.from(["one ", "two ", "three"]);
        break;
      case "/echo": {
        context.body = await text(context.req);
        break;
      }
      case "/fresh":
        context.etag = "x";
        context.status = 200;
        context.body = "fresh";
        if (context.fresh) {
          context.status = 304;
        }
        break;
      case "/cookies":
        context.cookies.set("a", "1", { signed: true });
        context.body = String(context.cookies.get("a", { signed: true }));
        break;
      case "/redirect":
        context.redirect("/text");
        break;
      case "/none":
        context.body = null;
        break;
      case "/own":
        context.respond = false;
        context.res.writeHead(201, "Own Words", { "X-Own": "1" }).end("own");
        break;
      case "/throws":
        context.throw(422, "told", { headers: { "X-Told": "1" } });
        break;
      case "/fails":
        throw new Error("secret");
    }
  });
  return app.callback();
}

// Lambda's gateways are reached by HTTPS alone, and a Request tells no address.
const HTTPS: [string, string] = ["X-Forwarded-Proto", "https"];
const FOR: [string, string] = ["X-Forwarded-For", "192.0.2.1"];

const conversations: Conversations = {
  "a text": get("/text"),
  "HEAD of a text": [{ method: "HEAD", path: "/text" }],
  json: get("/json?a=1&a=2", FOR, HTTPS, ["Host", "other.example"]),
  bytes: get("/bytes"),
  "a stream": get("/stream"),
  "HEAD of a stream": [{ method: "HEAD", path: "/stream" }],
  "a body": [...post("/echo", "hello"), ...post("/echo", inPieces("one ", "two"))],
  "a fresh answer": [...get("/fresh"), ...get("/fresh", ["If-None-Match", '"x"'])],
  cookies: [...get("/cookies", HTTPS), ...get("/cookies", HTTPS)],
  "a redirect": get("/redirect"),
  "no content": get("/none"),
  "an answer of the listener's own": get("/own"),
  "an error that is told": get("/throws"),
  "an error that is not": get("/fails"),
  "nothing there": get("/nowhere"),
};

const differences: readonly Difference[] = [
  {
    way: "dram/lambda",
    why: "The result is the whole response, and AWS counts it.",
    conversations: ["a stream", "an answer of the listener's own"],
    change: counted,
  },
];

compare("Koa", createListener, conversations, differences);
