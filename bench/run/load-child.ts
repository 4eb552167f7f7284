// A process of its own for the load where wrk is not installed.

import { connect } from "node:net";
import type { Load, Loaded } from "./load.ts";

process.on("message", async ({ port, request, connections, milliseconds }: Load) => {
  const { method, path, headers, body } = request;
  const lines = Object.entries({ Host: "127.0.0.1", ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  const length = body === "" ? [] : [`Content-Length: ${body.length}`];
  const head = [`${method} ${path} HTTP/1.1`, ...lines, ...length, "", ""].join("\r\n");
  const bytes = Buffer.from(head + body, "latin1");
  const begin = performance.now();
  const counts = await Promise.all(
    Array.from({ length: connections }, () => drive(port, bytes, begin + milliseconds)),
  );
  const loaded: Loaded = {
    requests: counts.reduce((sum, { requests }) => sum + requests, 0),
    bytes: counts.reduce((sum, { bytes }) => sum + bytes, 0),
    milliseconds: performance.now() - begin,
  };
  process.send?.(loaded);
});

interface Count {
  requests: number;
  bytes: number;
}

/** One request after the other, on the next connection where the server closes one after so many. */
function drive(port: number, request: Buffer, deadline: number): Promise<Count> {
  return new Promise((resolve, reject) => {
    const count: Count = { requests: 0, bytes: 0 };
    open();

    function open(): void {
      const before = count.requests;
      /** Bytes to come; absent before the end of the head. */
      let left: number | "chunked" | undefined;
      let tail = "";
      const socket = connect({ host: "127.0.0.1", port, noDelay: true }, () =>
        socket.write(request),
      );
      // A request may meet a connection that is just being closed.
      socket.on("error", (error) => count.requests === before && reject(error));
      socket.on("close", () => {
        if (performance.now() >= deadline) {
          resolve(count);
        } else if (count.requests > before) {
          open();
        } else {
          reject(new Error("the server closes connections without an answer"));
        }
      });
      socket.on("data", (data: Buffer) => {
        count.bytes += data.length;
        if (typeof left === "number") {
          left -= data.length;
        } else {
          tail += data.toString("latin1");
          left ??= lengthLeft(tail);
          // Of a chunked body only the end matters.
          tail = left === "chunked" ? tail.slice(-5) : tail;
        }
        if (left === 0 || (left === "chunked" && tail === "0\r\n\r\n")) {
          count.requests++;
          left = undefined;
          tail = "";
          if (performance.now() < deadline) {
            socket.write(request);
          }
        }
        if (performance.now() >= deadline) {
          socket.destroy();
        }
      });
    }
  });
}

/** Bytes to come of a response, if its head is complete. */
function lengthLeft(received: string): number | "chunked" | undefined {
  const end = received.indexOf("\r\n\r\n");
  const head = received.slice(0, end);
  if (end === -1) {
    return undefined;
  }
  if (!/^HTTP\/1\.1 2/.test(head)) {
    throw new Error(head);
  }
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  return length === undefined ? "chunked" : end + 4 + Number(length) - received.length;
}
