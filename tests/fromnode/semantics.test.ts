import { createHash } from "node:crypto";
import { IncomingMessage, ServerResponse } from "node:http";
import { finished, PassThrough, pipeline, Readable } from "node:stream";
import { finished as finishing } from "node:stream/promises";
import { describe, expect, test } from "vitest";
import { leavingAfter, onNode, type Scenario, throughDram } from "./oracle.ts";

const POST = { method: "POST", body: Buffer.from("hello, world") };

/** 3 MB of bytes that no two places have in common. */
const LARGE = Buffer.from(
  Uint32Array.from({ length: 750_000 }, (_, index) => index * 2_654_435_761).buffer,
);

/** A body that can be sent again. */
function inPieces(...pieces: readonly string[]): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      yield* pieces.map((piece) => Buffer.from(piece));
    },
  };
}

const response: Readonly<Record<string, Scenario>> = {
  "a text ended at once": {
    listener: (_request, response) => response.end("caf\u00e9"),
  },
  "nothing at all": {
    listener: (_request, response) => response.end(),
  },
  "writes and an end at once are chunks": {
    listener(_request, response) {
      response.write("one ");
      response.write(Buffer.from("two "));
      response.end("three");
    },
  },
  "writes over time": {
    async listener(_request, response, note) {
      for (const chunk of ["one ", "two ", "three"]) {
        await new Promise<void>((resolve) => response.write(chunk, () => resolve()));
        note(`written ${chunk}`);
      }
      response.end(() => note("ended"));
    },
  },
  "other encodings": {
    listener(_request, response) {
      response.write("e9e8", "hex");
      response.write("AQI=", "base64");
      response.write("\u00e9", "latin1");
      response.end("\u00e9", "utf16le");
    },
  },
  "headers set, added, read and removed": {
    listener(_request, response, note) {
      response.setHeader("X-One", "1");
      response.setHeader("X-Gone", "1");
      response.setHeader("Set-Cookie", ["a=1", "b=2; Path=/"]);
      response.appendHeader("X-One", "2");
      response.setHeaders(new Headers({ "x-two": "3" }));
      response.removeHeader("x-gone");
      note([response.getHeaderNames(), response.hasHeader("X-ONE"), response.getHeader("x-one")]);
      response.end("x");
    },
  },
  "writeHead with a status alone": {
    listener: (_request, response) => response.writeHead(404).end("x"),
  },
  "writeHead with a reason": {
    listener: (_request, response) => response.writeHead(200, "Very Well").end("x"),
  },
  "writeHead with an object, over headers that were set": {
    listener(_request, response) {
      response.setHeader("X-One", "1");
      response.setHeader("X-Two", "1");
      response.writeHead(201, { "x-one": "2", "Set-Cookie": ["a=1", "b=2"] }).end("x");
    },
  },
  "writeHead with a flat list": {
    listener: (_request, response) =>
      response.writeHead(200, ["X-A", "1", "x-a", "2", "X-B", "3"]).end("x"),
  },
  "writeHead with a list of pairs and a reason": {
    listener(_request, response) {
      const pairs = [
        ["X-A", "1"],
        ["X-A", "2"],
      ];
      response.writeHead(200, "Fine", pairs.flat()).end("x");
    },
  },
  "statusCode and statusMessage": {
    listener(_request, response) {
      response.statusCode = 418;
      response.statusMessage = "Short And Stout";
      response.end("x");
    },
  },
  "a Content-Length that the listener gives": {
    listener(_request, response) {
      response.setHeader("Content-Length", 6);
      response.write("abc");
      response.end("def");
    },
  },
  "a body shorter than its Content-Length breaks": {
    listener(_request, response) {
      response.setHeader("Content-Length", 6);
      response.write("abc");
      setImmediate(() => response.destroy());
    },
  },
  "the body of HEAD is dropped, and its length kept": {
    request: { method: "HEAD" },
    listener(_request, response, note) {
      response.setHeader("Content-Length", 6);
      note(response.write("abcdef"));
      response.end();
    },
  },
  "a stream for HEAD": {
    request: { method: "HEAD" },
    listener: (_request, response) => Readable.from(["abc", "def"]).pipe(response),
  },
  "204 has no body": {
    listener: (_request, response) => response.writeHead(204).end("dropped"),
  },
  "304 has no body": {
    listener: (_request, response) => response.writeHead(304, { ETag: '"x"' }).end("dropped"),
  },
  trailers: {
    request: { headers: [["TE", "trailers"]] },
    listener(_request, response) {
      response.writeHead(200, { Trailer: "X-Checksum" });
      response.write("abc");
      response.addTrailers({ "X-Checksum": "1", "X-Other": "2" });
      response.end();
    },
  },
  "early hints": {
    listener(_request, response, note) {
      response.writeEarlyHints({ link: ["</a.css>; rel=preload", "</b.js>; rel=preload"] });
      note(response.headersSent);
      response.end("x");
    },
  },
  "an end after the end": {
    listener(_request, response, note) {
      response.end("x", () => note("first"));
      response.end(() => note("second"));
      note([response.writableEnded, response.finished, response.headersSent]);
    },
  },
  "a write after the end": {
    listener(_request, response, note) {
      response.on("error", (error: NodeJS.ErrnoException) => note(error.code));
      response.end("x");
      response.write("y", (error) => note((error as NodeJS.ErrnoException | null)?.code));
    },
  },
  "headers after the head": {
    listener(_request, response, note) {
      response.write("x");
      try {
        response.setHeader("X-Late", "1");
      } catch (error) {
        note((error as NodeJS.ErrnoException).code);
      }
      response.end();
    },
  },
  strictContentLength: {
    listener(_request, response, note) {
      response.strictContentLength = true;
      response.setHeader("Content-Length", 4);
      response.write("ab", () => {
        try {
          response.write("xyz");
        } catch (error) {
          note((error as NodeJS.ErrnoException).code);
        }
        response.destroy();
      });
    },
  },
  "more than the client takes at once has to drain": {
    listener(_request, response, note) {
      const whole = response.write(LARGE.subarray(0, 1_000_000));
      note([whole, response.writableNeedDrain]);
      response.once("drain", () => {
        note([response.writableNeedDrain, response.writableLength]);
        Readable.from([LARGE.subarray(0, 10), LARGE.subarray(10, 20)]).pipe(response);
      });
    },
  },
  "a file of megabytes, piped": {
    listener(_request, response) {
      const chunks = Array.from({ length: 46 }, (_, index) =>
        LARGE.subarray(index * 65_536, (index + 1) * 65_536),
      );
      // Without the events of back-pressure, which depend on the speed of the client.
      response.removeAllListeners("drain");
      Readable.from(chunks).pipe(response);
    },
    async client(reply) {
      const hash = createHash("sha256");
      for await (const chunk of reply.chunks) {
        hash.update(chunk);
      }
      return hash.digest("hex");
    },
  },
  "pipeline and finished": {
    async listener(request, response, note) {
      // Or the end of the request would come somewhere between.
      await finishing(request.resume());
      finished(response, (error) => note(["finished", error ?? null]));
      pipeline(Readable.from(["abc", "def"]), new PassThrough(), response, (error) =>
        note(["pipeline", error ?? null]),
      );
    },
  },
  "a response that is destroyed breaks": {
    listener(_request, response, note) {
      finished(response, (error) => note(["finished", error?.code]));
      response.write("abc", () => response.destroy());
    },
  },
  "a socket that is destroyed breaks the response": {
    listener(request, response) {
      response.write("abc", () => request.socket.destroy());
    },
  },
  "a pipeline that fails breaks the response": {
    listener(_request, response, note) {
      async function* failing(): AsyncGenerator<string, void, void> {
        yield "abc";
        await new Promise((resolve) => setTimeout(resolve, 20));
        throw new Error("lost");
      }
      pipeline(Readable.from(failing()), response, (error) => note(["pipeline", error?.message]));
    },
  },
  "a client that leaves closes the response": {
    listener(_request, response, note) {
      response.removeAllListeners("drain");
      finished(response, (error) => note(["finished", error?.code]));
      const timer = setInterval(() => response.write("chunk\n"), 5);
      response.on("close", () => {
        clearInterval(timer);
        note([response.writableFinished, response.destroyed, response.writable]);
      });
      response.write("first\n");
    },
    client: leavingAfter(6),
  },
  "a timeout that somebody hears": {
    listener(_request, response, note) {
      response.setTimeout(20, () => {
        note("timeout");
        response.end("late");
      });
    },
  },
  "state before and after": {
    listener(_request, response, note) {
      const state = (): unknown => [
        ...[response.headersSent, response.writableEnded, response.writableFinished],
        ...[response.destroyed, response.closed, response.writable],
      ];
      note(state());
      response.on("finish", () => note(["finish", state()]));
      response.on("close", () => note(["close", state()]));
      response.end("x");
      note(state());
    },
  },
};

const request: Readonly<Record<string, Scenario>> = {
  "is Node's own": {
    listener(request, response, note) {
      note([request instanceof IncomingMessage, response instanceof ServerResponse]);
      note([response.req === request, response.socket === request.socket]);
      response.end();
    },
  },
  "line and version": {
    request: { method: "DELETE", path: "/a%2Fb//c;d?x=%20+&x=2" },
    listener(request, response, note) {
      const { method, url, httpVersion, httpVersionMajor, httpVersionMinor } = request;
      note({ method, url, httpVersion, httpVersionMajor, httpVersionMinor });
      response.end();
    },
  },
  headers: {
    request: {
      headers: [
        ["X-One", "1"],
        ["Cookie", "a=1"],
        ["X-Empty", ""],
        ["Cookie", "b=2"],
        ["X-One", "2"],
        ["User-Agent", "caf\u00e9"],
      ],
    },
    listener(request, response, note) {
      const { host: _, ...headers } = request.headers;
      note(Object.entries(headers).toSorted());
      note(request.headersDistinct["user-agent"]);
      note(request.rawHeaders.map((text) => text.toLowerCase()).includes("user-agent"));
      response.end();
    },
  },
  "the whole body": {
    request: POST,
    listener(request, response, note) {
      let body = "";
      request.setEncoding("utf8");
      note([request.complete, request.readable]);
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        note([request.complete, request.readableEnded]);
        response.end(body);
      });
    },
  },
  "a body in chunks is piped back": {
    request: { method: "POST", body: inPieces("one ", "two") },
    listener(request, response, note) {
      note([request.headers["transfer-encoding"], request.headers["content-length"]]);
      request.pipe(response);
    },
  },
  "a large body": {
    request: { method: "POST", body: LARGE },
    async listener(request, response) {
      const hash = createHash("sha256");
      for await (const chunk of request) {
        hash.update(chunk);
      }
      response.end(hash.digest("hex"));
    },
  },
  "a body that is read late": {
    request: POST,
    listener(request, response) {
      setTimeout(() => request.pipe(response), 30);
    },
  },
  "a body that is paused": {
    request: POST,
    listener(request, response, note) {
      request.once("data", (chunk) => {
        request.pause();
        note(`paused ${request.isPaused()}`);
        setTimeout(() => request.resume(), 20);
        response.write(chunk);
      });
      request.on("end", () => response.end());
    },
  },
  'read() at "readable"': {
    request: POST,
    listener(request, response) {
      request.on("readable", () => {
        for (let chunk = request.read(5); chunk !== null; chunk = request.read(5)) {
          response.write(`[${chunk}]`);
        }
        const rest = request.readableEnded ? null : request.read();
        if (rest !== null) {
          response.write(`[${rest}]`);
        }
      });
      request.on("end", () => response.end());
    },
  },
  "a body that nobody reads": {
    request: POST,
    listener(request, response, note) {
      request.on("end", () => note("request end"));
      response.end("unread");
    },
  },
  "no body": {
    request: { method: "POST", headers: [["Content-Length", "0"]] },
    async listener(request, response, note) {
      note(request.headers["transfer-encoding"] ?? null);
      for await (const chunk of request) {
        note(chunk);
      }
      response.end("empty");
    },
  },
  "no body that could be announced": {
    listener(request, response, note) {
      note(request.headers["transfer-encoding"] ?? null);
      request.on("end", () => response.end("empty"));
      request.resume();
    },
  },
  "the socket": {
    listener(request, response, note) {
      const { socket } = request;
      note([socket.remoteAddress, typeof socket.remotePort, socket.remoteFamily]);
      note([socket.localAddress, typeof socket.localPort, socket.localFamily]);
      note([socket.destroyed, socket.readable, socket.writable, socket.connecting]);
      note(["encrypted" in socket && socket.encrypted === true, request.connection === socket]);
      note(Object.keys(socket.address()).toSorted());
      socket.setNoDelay(true).setKeepAlive(true).ref().unref();
      response.end();
    },
  },
  "that is destroyed takes the response with it": {
    // To be closed takes a socket of the system its time.
    unordered: true,
    request: { method: "POST", body: LARGE },
    listener(request, response, note) {
      request.on("error", (error) => note(error.message));
      response.write("abc", () => request.destroy(new Error("no more")));
    },
  },
};

describe.each([
  ["a response", response],
  ["a request", request],
])("%s is as on node:http:", (_what, scenarios) => {
  test.each(Object.entries(scenarios))("%s", async (_name, scenario) => {
    expect(await throughDram(scenario)).toEqual(await onNode(scenario));
  });
});
