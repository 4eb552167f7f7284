import { Readable } from "node:stream";
import type { RequestListener } from "dram/from/node";
import fastify from "fastify";
import {
  type Conversations,
  compare,
  counted,
  type Difference,
  get,
  inPieces,
  post,
} from "./compare.ts";
import type { Answer } from "./listeners.ts";

/** What Fastify does without a plugin of anybody else. */
async function createListener(): Promise<RequestListener> {
  const app = fastify({
    trustProxy: true,
    routerOptions: { ignoreTrailingSlash: true },
    bodyLimit: 100,
  });
  app.addHook("onSend", async (request, reply) => {
    reply.header("x-seen", `${request.method} ${request.originalUrl} ${request.hostname}`);
  });
  app.get("/text", async () => "caf\u00e9");
  app.get("/json/:id", async (request) => ({
    ...{ params: request.params, query: request.query, protocol: request.protocol },
  }));
  app.get("/bytes", async () => Buffer.from([0, 255]));
  app.get("/stream", (_request, reply) => reply.send(Readable.from(["one ", "two ", "three"])));
  app.get("/response", () => new Response("of Fetch", { status: 203, headers: { "x-a": "1" } }));
  app.post("/echo", async (request) => request.body);
  app.get("/redirect", (_request, reply) => reply.redirect("/text"));
  app.get("/none", (_request, reply) => reply.code(204).send());
  app.get("/raw", (_request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, { "X-Raw": "1" });
    reply.raw.write("raw ");
    setImmediate(() => reply.raw.end("words"));
  });
  app.get("/trailer", (_request, reply) => {
    reply.trailer("x-sum", (_reply, _payload, done) => done(null, "1"));
    return reply.send("with a trailer");
  });
  app.get(
    "/schema",
    { schema: { querystring: { type: "object", required: ["a"] } } },
    async () => "valid",
  );
  app.get("/fails", async () => {
    throw new Error("told by Fastify");
  });
  await app.ready();
  return app.routing;
}

const JSON_TYPE: [string, string] = ["Content-Type", "application/json"];

const conversations: Conversations = {
  "a text": get("/text"),
  "a slash behind it": get("/text/"),
  "HEAD of a text": [{ method: "HEAD", path: "/text" }],
  json: get("/json/a%2Fb?x=1&x=2", ["X-Forwarded-Proto", "https"]),
  bytes: get("/bytes"),
  "a stream": get("/stream"),
  "a Response of the Fetch API": get("/response"),
  "a body": post("/echo", '{"a":1}', JSON_TYPE),
  "a body of an unknown length": post("/echo", inPieces('{"a"', ":1}"), JSON_TYPE),
  "a body past its limit": post("/echo", JSON.stringify("x".repeat(200)), JSON_TYPE),
  "a body of an unknown type": post("/echo", "x", ["Content-Type", "text/x"]),
  "no body": [{ method: "POST", path: "/echo", headers: [["Content-Length", "0"]] }],
  "a redirect": get("/redirect"),
  "no content": get("/none"),
  "a response that is hijacked": get("/raw"),
  "a trailer": get("/trailer", ["TE", "trailers"]),
  "a schema": [...get("/schema?a=1"), ...get("/schema")],
  "an error": get("/fails"),
  "nothing there": get("/nowhere?x"),
};

const differences: readonly Difference[] = [
  {
    way: "dram/lambda",
    why: "The result is the whole response, and AWS counts it.",
    conversations: ["a stream", "a Response of the Fetch API", "a response that is hijacked"],
    change: counted,
  },
  {
    way: "dram/node",
    why: "Trailer belongs to the connection: it is the gateway's to announce what it sends.",
    conversations: ["a trailer"],
    change: (answer) => withoutTrailer(answer, answer.trailers),
  },
  {
    way: "dram/fetch",
    why: "A Response has no trailers.",
    conversations: ["a trailer"],
    change: (answer) => withoutTrailer(answer, []),
  },
  {
    way: "dram/lambda",
    why: "A result has no trailers, and is the whole response.",
    conversations: ["a trailer"],
    change: (answer) => counted(withoutTrailer(answer, [])),
  },
];

function withoutTrailer({ headers, ...answer }: Answer, trailers: Answer["trailers"]): Answer {
  const { trailer: _, ...others } = headers;
  return { ...answer, headers: others, trailers };
}

compare("Fastify", createListener, conversations, differences);
