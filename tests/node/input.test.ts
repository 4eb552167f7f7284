import { once } from "node:events";
import { type Application, text } from "dram";
import { describe, expect, test } from "vitest";
import { until } from "../targets/target.ts";
import { bodyOf, bytes, exchange, gate, get, headOf, listening, wire } from "./helpers.ts";

const reading: Application = async (environ, startResponse) => {
  const body = await environ["wsgi.input"].read();
  startResponse("200 OK", []);
  return text(`read ${body.length}`);
};

const notReading: Application = (_environ, startResponse) => {
  startResponse("200 OK", []);
  return text("not read");
};

function post(length: number | "chunked", ...fields: string[]): string {
  const framing = length === "chunked" ? "Transfer-Encoding: chunked" : `Content-Length: ${length}`;
  return `POST / HTTP/1.1\r\n${["Host: a", framing, ...fields].join("\r\n")}\r\n\r\n`;
}

describe("Expect: 100-continue", () => {
  test("S57 I16 is answered when the application reads", async () => {
    const { opened, open } = gate();
    const { port } = await listening(async (environ, startResponse) => {
      await opened;
      return reading(environ, startResponse);
    });
    const client = await wire(port);
    client.send(post(5, "Expect: 100-continue"));
    // The server has had the request when it answers another one.
    await exchange(port, "GET / HTTP/1.1\r\nHost:\r\n\r\n");
    expect(client.received).toBe("");
    open();
    expect(await client.receive("\r\n\r\n")).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hello");
    expect(bodyOf(await client.receive("read 5"))).toContain("HTTP/1.1 200 OK");
    expect(client.received.match(/100 Continue/g)).toHaveLength(1);
  });

  test("RFC 9110 §10.1.1 is never answered if the application does not read", async () => {
    const { port } = await listening(notReading);
    const response = await exchange(port, post(5, "Expect: 100-continue"));
    expect(headOf(response)[0]).toBe("HTTP/1.1 200 OK");
    // The client may send the body all the same, which must not become a request.
    expect(headOf(response)).toContain("Connection: close");
    expect(response).not.toContain("100 Continue");
  });

  test("with a refused request is not answered", async () => {
    const { port } = await listening(reading, { maxBodySize: 10 });
    const response = await exchange(port, post(11, "Expect: 100-continue"));
    expect(headOf(response)[0]).toBe("HTTP/1.1 413 Content Too Large");
    expect(response).not.toContain("100 Continue");
  });

  test("anything else expected is answered 417", async () => {
    const { port } = await listening(reading);
    const client = await wire(port);
    client.send(post(5, "Expect: the impossible"));
    expect(headOf(await client.receive("\r\n\r\n"))[0]).toBe("HTTP/1.1 417 Expectation Failed");
  });

  test("HTTP/1.0 gets no 100", async () => {
    const { port } = await listening(reading);
    const response = await exchange(
      port,
      "POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
    );
    expect(headOf(response)[0]).toBe("HTTP/1.1 200 OK");
  });
});

describe("an unread body", () => {
  test.each([
    ["in the same packet", 1000],
    ["of 1 MiB", 1_048_576],
  ])(
    "I13 F25 %s does not keep the client from its answer, nor the connection from the next",
    async (_what, size) => {
      const { port } = await listening(notReading);
      const client = await wire(port);
      client.send(post(size) + "x".repeat(size));
      await client.receive("not read");
      client.send(get("/"));
      expect((await client.end()).match(/not read/g)).toHaveLength(2);
    },
  );

  // As Apache's mod_proxy does: it looks for the answer when all of the body has been taken.
  test.each([1000, 100_000, 1_048_576])(
    "I13 of %i bytes, on a connection that closes, is taken to its end before it is closed",
    async (size) => {
      const { port } = await listening(notReading);
      const client = await wire(port);
      let failure: Error | undefined;
      client.socket.once("error", (error) => {
        failure = error;
      });
      client.send(post(size, "Connection: close"));
      await client.receive("not read");
      for (let sent = 0; sent < size; sent += 1000) {
        const piece = "x".repeat(Math.min(1000, size - sent));
        await new Promise((resolve) => client.socket.write(piece, resolve));
      }
      client.socket.end();
      await once(client.socket, "close");
      expect(failure).toBeUndefined();
      expect(bodyOf(client.received)).toBe("not read");
    },
  );

  test("I13 of a client that writes it all before it reads, and an answer beyond the buffers", async () => {
    const { port } = await listening((_environ, startResponse) => {
      startResponse("200 OK", []);
      return [new Uint8Array(8_000_000).fill(0x78)];
    });
    const client = await wire(port);
    client.socket.pause();
    let written = false;
    client.socket.write(post(1_000_000) + "x".repeat(1_000_000), () => {
      written = true;
    });
    await until(() => written);
    client.socket.resume();
    await until(() => client.received.length > 8_000_000);
  });

  test.each([
    ["announced", post(1_000_000_000), (chunk: string) => chunk],
    ["chunked", post("chunked"), (chunk: string) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`],
  ])("T08 %s without end is cut off after a bound, its answer sent", async (_what, head, frame) => {
    const { port } = await listening(notReading);
    const client = await wire(port);
    client.send(head);
    await client.receive("not read");
    let sent = 0;
    const piece = "x".repeat(65_536);
    await until(() => {
      if (!client.ended) {
        client.send(frame(piece));
        sent += piece.length;
      }
      return client.ended;
    });
    expect(sent).toBeLessThan(16 * 1024 * 1024);
  });

  test("T08 T13 outside the mount point is taken within the bound, and nothing behind it run", async () => {
    const paths: string[] = [];
    const { port } = await listening(
      (environ, startResponse) => {
        paths.push(environ.PATH_INFO);
        startResponse("200 OK", []);
        return [];
      },
      { scriptName: "/mnt" },
    );
    const outside = "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n";
    const response = await exchange(port, `${outside}0\r\n\r\n${get("/mnt/smuggled")}`);
    expect(headOf(response)).toEqual(
      expect.arrayContaining(["HTTP/1.1 404 Not Found", "Connection: close"]),
    );
    const client = await wire(port);
    client.send(outside);
    const chunk = `10000\r\n${"x".repeat(65_536)}\r\n`;
    await until(() => {
      if (client.socket.writableLength < 1_000_000) {
        client.send(chunk);
      }
      return client.ended;
    });
    expect(client.socket.bytesWritten).toBeLessThan(16_000_000);
    expect(paths).toEqual([]);
  });

  test("T08 is never parsed as a request", async () => {
    const paths: string[] = [];
    const { port } = await listening((environ, startResponse) => {
      paths.push(environ.PATH_INFO);
      return notReading(environ, startResponse);
    });
    const body = get("/smuggled");
    const client = await wire(port);
    client.send(post(body.length) + body + get("/next"));
    await client.end();
    expect(paths).toEqual(["/", "/next"]);
  });

  test("read in part and then left, lets the next request through", async () => {
    const { port } = await listening(async (environ, startResponse) => {
      const part = await environ["wsgi.input"].read(10);
      startResponse("200 OK", []);
      return text(`part ${part.length}`);
    });
    const client = await wire(port);
    client.send(post(300_000) + "x".repeat(300_000));
    await client.receive("part 10");
    client.send(get("/"));
    expect(await client.end()).toContain("part 0");
  });

  test("T13 too large is answered 413, and the connection closed", async () => {
    const { port } = await listening(reading, { maxBodySize: 10 });
    const response = await exchange(port, post(1_000_000) + "x".repeat(1_000_000));
    expect(headOf(response)[0]).toBe("HTTP/1.1 413 Content Too Large");
    expect(headOf(response)).toContain("Connection: close");
  });
});

describe("a body that does not come", () => {
  test.each([
    ["F01 I14 cut short", post(100)],
    ["F02 chunked and cut short", `${post("chunked")}64\r\n`],
  ])("%s rejects the read, aborts the signal and logs one line", async (_what, head) => {
    const seen: unknown[] = [];
    const { port, log } = await listening(async (environ, startResponse) => {
      environ["dram.signal"]?.addEventListener("abort", () => seen.push("aborted"));
      try {
        await environ["wsgi.input"].read();
      } catch (error) {
        seen.push(error);
        throw error;
      }
      startResponse("200 OK", []);
      return [];
    });
    const client = await wire(port);
    client.send(`${head}1234567890`);
    await exchange(port, "GET / HTTP/1.1\r\nHost:\r\n\r\n");
    client.socket.destroy();
    await until(() => seen.length === 2);
    expect(seen).toContain("aborted");
    expect(seen).toContainEqual(
      expect.objectContaining({ name: "DramError", code: "ERR_CLIENT_DISCONNECTED" }),
    );
    const lines = () => log.filter((line) => !line.includes("ERR_HOST"));
    await until(() => lines().length === 1);
    expect(lines()[0]).toContain(
      "dram: POST /: ERR_CLIENT_DISCONNECTED: the client left after 10 bytes",
    );
  });

  test("I14 half-closed rejects the read and is answered 400", async () => {
    const errors: unknown[] = [];
    const { port } = await listening(async (environ) => {
      try {
        await environ["wsgi.input"].read();
      } catch (error) {
        errors.push(error);
      }
      return [];
    });
    const client = await wire(port);
    client.send(`${post(10)}12345`);
    client.socket.end();
    expect(headOf(await client.end())[0]).toBe("HTTP/1.1 400 Bad Request");
    expect(errors).toEqual([expect.objectContaining({ code: "ERR_CLIENT_DISCONNECTED" })]);
  });

  test.each(["-3\r\nabc\r\n", "zz\r\nabc\r\n", "ffffffffffffffffff\r\n"])(
    "F03 the malformed chunk %j rejects the read and is answered 400",
    async (chunk) => {
      const errors: unknown[] = [];
      const { port } = await listening(async (environ) => {
        try {
          await environ["wsgi.input"].read();
        } catch (error) {
          errors.push(error);
        }
        return [];
      });
      const client = await wire(port);
      client.send(`${post("chunked")}3\r\nabc\r\n`);
      await exchange(port, "GET / HTTP/1.1\r\nHost:\r\n\r\n");
      client.send(chunk);
      expect(headOf(await client.end())[0]).toBe("HTTP/1.1 400 Bad Request");
      expect(errors).toEqual([expect.objectContaining({ code: "ERR_CLIENT_DISCONNECTED" })]);
    },
  );
});

describe("wsgi.input", () => {
  test("I12 a chunked body is read to its end", async () => {
    const { port } = await listening(reading);
    const client = await wire(port);
    client.send(`${post("chunked")}3\r\nabc\r\n`);
    client.send("2\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n");
    await client.receive("read 5");
  });

  test("I10 I18 GET without a body is empty, with one is read", async () => {
    const { port } = await listening(reading);
    expect(await exchange(port, get("/"))).toContain("read 0");
    expect(await exchange(port, `${get("/", "Content-Length: 2")}zz`)).toContain("read 2");
  });

  test("G7 a client is not read ahead of the application by more than 1 MiB and the buffers", async () => {
    const { opened, open } = gate();
    const { port } = await listening(async (environ, startResponse) => {
      await environ["wsgi.input"].read(1);
      await opened;
      const rest = await environ["wsgi.input"].read();
      startResponse("200 OK", []);
      return text(`rest ${rest.length}`);
    });
    const client = await wire(port);
    const size = 64 * 1024 * 1024;
    client.send(post(size));
    let taken = 0;
    for (let sent = 0; sent < size; sent += 65_536) {
      client.socket.write(Buffer.alloc(65_536), () => {
        taken += 65_536;
      });
    }
    let before = -1;
    await until(async () => {
      const settled = taken > 0 && taken === before;
      before = taken;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return settled;
    });
    expect(taken).toBeLessThan(16 * 1024 * 1024);
    open();
    await client.receive(`rest ${size - 1}`);
  });

  test("chunks of a body are not shared with another read", async () => {
    const { port } = await listening(async (environ, startResponse) => {
      const first = await environ["wsgi.input"].read(3);
      first.fill(0x2d);
      const second = await environ["wsgi.input"].read();
      startResponse("200 OK", []);
      return [first, bytes("|"), second];
    });
    expect(bodyOf(await exchange(port, `${post(6, "Connection: close")}abcdef`))).toBe("---|def");
  });
});
