import { describe, expect, test } from "vitest";
import { bodyOf, wire } from "../node/helpers.ts";
import { until } from "../targets/target.ts";

/** What holds of apps/starletteapp.py, wherever Python runs. */
export function checkStarlette(serve: () => Served | Promise<Served>): void {
  async function boot(): Promise<Site> {
    const server = await serve();
    const ask = (path: string, init?: RequestInit): Promise<Response> =>
      fetch(server.url + path, init);
    return {
      server,
      ask,
      read: async (path, init) => (await ask(path, init)).text(),
      noted: () => notedBy(server.url),
    };
  }

  describe("a Starlette application", () => {
    test("has the state of its lifespan in every request", async () => {
      const { read } = await boot();
      expect(await read("/state")).toBe("from the lifespan");
      expect(await read("/state")).toBe("from the lifespan");
    });

    test("sees the request, bytes and all", async () => {
      const { server } = await boot();
      const client = await wire(server.port);
      client.send(
        "GET /show?a=b%26c HTTP/1.1\r\nHost: a.example\r\nX-Name: \xe9\r\nConnection: close\r\n\r\n",
      );
      const response = Buffer.from(await client.end(), "latin1").toString();
      expect(JSON.parse(bodyOf(response))).toEqual({
        method: "GET",
        url: "http://a.example/show?a=b%26c",
        path: "/show",
        raw_path: "/show",
        root_path: "",
        query: { a: "b&c" },
        header: "\xe9",
        raw: ["e9"],
        client: "127.0.0.1",
      });
    });

    test("takes forms, with files and without", async () => {
      const { ask } = await boot();
      const encoded = await ask("/form", {
        method: "POST",
        body: new URLSearchParams({ a: "1", b: "\u00e9" }),
      });
      expect(await encoded.json()).toEqual({ a: "1", b: "\u00e9" });
      const body = new FormData();
      body.set("text", "some");
      body.set("file", new File(["content"], "name.txt"));
      const multipart = await ask("/form", { method: "POST", body });
      expect(await multipart.json()).toEqual({ text: "some", file: "name.txt" });
    });

    test("takes 3 MB", async () => {
      const { read } = await boot();
      const body = new Uint8Array(3_000_000);
      expect(await read("/length", { method: "POST", body })).toBe("3000000");
    });

    test("streams a body back as it comes", async () => {
      const { server } = await boot();
      const client = await wire(server.port);
      client.send(
        "POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n",
      );
      await client.receive("one");
      client.send("3\r\ntwo\r\n0\r\n\r\n");
      expect(await client.receive("0\r\n\r\n")).toContain("3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n");
    });

    test("sends 3 MB at once, and a stream", async () => {
      const { ask, read } = await boot();
      const body = Buffer.from(await (await ask("/large")).bytes());
      const expected = Buffer.alloc(
        3_145_728,
        Uint8Array.from({ length: 256 }, (_, at) => at),
      );
      expect(body.equals(expected)).toBe(true);
      expect(await read("/stream")).toBe("0\n1\n2\n");
    });

    test("does more behind its response, and runs what is synchronous", async () => {
      const { read, noted } = await boot();
      expect(await read("/background")).toBe("sent");
      await until(async () => (await noted()).includes("done"));
      expect(await read("/sync")).toBe("from a function");
    });

    test("that raises is a 500, with the traceback in the log", async () => {
      const { ask, server } = await boot();
      const before = server.log.length;
      expect((await ask("/fail")).status).toBe(500);
      await until(() => server.log.length > before);
      expect(server.log[before]).toMatch(
        /Traceback .*starletteapp\.py.* \| ZeroDivisionError: on purpose$/,
      );
    });

    test("hears of a client that leaves, in mid-stream and while it waits", async () => {
      const { ask, noted } = await boot();
      const controller = new AbortController();
      const response = await ask("/endless", { signal: controller.signal });
      await response.body?.getReader().read();
      controller.abort();
      await until(async () => (await noted()).includes("closed"));
      const other = new AbortController();
      const waiting = ask("/wait", { signal: other.signal });
      const rejected = expect(waiting).rejects.toThrow();
      await until(async () => (await noted()).includes("waiting"));
      other.abort();
      await rejected;
      await until(async () => (await noted()).includes("left"));
    });

    test("speaks with a WebSocket, in text and in bytes", async () => {
      const { server, noted } = await boot();
      const socket = new WebSocket(`${server.url.replace("http", "ws")}/echo`, ["one"]);
      socket.binaryType = "arraybuffer";
      const messages: unknown[] = [];
      const closed = new Promise<CloseEvent>((resolve) => {
        socket.onclose = resolve;
      });
      socket.onmessage = ({ data }) => {
        messages.push(typeof data === "string" ? data : Buffer.from(data).toString("hex"));
      };
      await until(() => messages.length === 1);
      socket.send("text \u00e9");
      socket.send(new Uint8Array([0, 255]));
      await until(() => messages.length === 3);
      expect([socket.protocol, ...messages]).toEqual([
        "one",
        '{"greeting":"from the lifespan"}',
        "text \u00e9",
        "00ff",
      ]);
      socket.send("close");
      expect(await closed).toMatchObject({ code: 4000, reason: "as asked" });
      expect(await noted()).toEqual([]);
    });

    test("hears of a WebSocket that is closed", async () => {
      const { server, noted } = await boot();
      const socket = new WebSocket(`${server.url.replace("http", "ws")}/echo`);
      await new Promise((resolve) => {
        socket.onmessage = resolve;
      });
      socket.close(4001, "enough");
      await until(async () => (await noted()).includes("disconnect 4001"));
    });

    test("denies a WebSocket with a response of its own", async () => {
      const { server } = await boot();
      const client = await wire(server.port);
      client.send(
        "GET /echo?deny=1 HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
      );
      expect(await client.receive("not you")).toContain("HTTP/1.1 401 Unauthorized");
    });
  });
}

/** Sends a body in pieces to `bare:impatient`, and gives what comes back. */
export async function sendSlowly(port: number): Promise<string> {
  const client = await wire(port);
  client.send(
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
  );
  for (const piece of ["one ", "two ", "three"]) {
    // Longer than the application has patience at first.
    await new Promise((resolve) => setTimeout(resolve, 20));
    client.send(`${piece.length}\r\n${piece}\r\n`);
  }
  client.send("0\r\n\r\n");
  return bodyOf(await client.end());
}

/** The application, served by dram/node. */
export interface Served {
  readonly url: string;
  readonly port: number;
  readonly log: readonly string[];
}

interface Site {
  readonly server: Served;
  ask(path: string, init?: RequestInit): Promise<Response>;
  read(path: string, init?: RequestInit): Promise<string>;
  /** What the application has noted since it was last asked. */
  noted(): Promise<string[]>;
}

/** What the application has noted since it was last asked. */
export async function notedBy(url: string): Promise<string[]> {
  return JSON.parse(await (await fetch(`${url}/noted`)).text());
}
