import { mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "dram";
import { type FastcgiOptions, serveFastcgi } from "dram/fastcgi";
import { describe, expect, onTestFinished, test } from "vitest";
import { get, STDOUT } from "../targets/fastcgi-client.ts";
import { ask, bodyOf, listening, wire } from "./helpers.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "fastcgi-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

const hello = (_environ: unknown, startResponse: (status: string, headers: []) => unknown) => {
  startResponse("200 OK", []);
  return text("hello");
};

describe("a port", () => {
  test("is of this machine alone by default, and told", async () => {
    const server = await listening(hello);
    expect(server.url).toBe(`fcgi://127.0.0.1:${server.port}`);
    expect(await ask(server.place, "/")).toBe("hello");
  });

  test("of ::1 has brackets in its url", async () => {
    const server = await listening(hello, { host: "::1" });
    expect(server.url).toBe(`fcgi://[::1]:${server.port}`);
  });

  test("that is taken is told", async () => {
    const { port = 0 } = await listening(hello);
    await expect(serveFastcgi(hello, { port })).rejects.toThrow(
      new RegExp(`^cannot listen on 127\\.0\\.0\\.1:${port}: listen EADDRINUSE`),
    );
  });

  test("is free when close() has resolved", async () => {
    const first = await listening(hello);
    await first.close();
    await first.closed;
    const second = await listening(hello, { port: first.port ?? 0 });
    expect(await ask(second.place, "/")).toBe("hello");
  });
});

describe("a Unix socket", () => {
  test("is of its user alone by default, told, and removed at the end", async () => {
    const path = join(folder(), "s");
    const server = await listening(hello, { path });
    expect(server.url).toBe(`unix:${path}`);
    expect(server.port).toBeUndefined();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await ask(server.place, "/")).toBe("hello");
    await server.close();
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });

  test.each([0o660, 0o666, 0o777])("has the mode it is given: %o", async (mode) => {
    const path = join(folder(), "s");
    await listening(hello, { path, mode });
    expect(statSync(path).mode & 0o777).toBe(mode);
  });

  test("has no name before it has its mode, and leaves nothing beside it", async () => {
    const inside = folder();
    const path = join(inside, "s");
    const seen = new Set<number>();
    let done = false;
    const watching = (async () => {
      while (!done) {
        const found = statSync(path, { throwIfNoEntry: false });
        if (found !== undefined) {
          seen.add(found.mode & 0o777);
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    await listening(hello, { path });
    done = true;
    await watching;
    expect([...seen].filter((mode) => mode !== 0o600)).toEqual([]);
    expect(readdirSync(inside)).toEqual(["s"]);
  });

  test("that a dead server has left is replaced", async () => {
    const path = join(folder(), "s");
    await deadSocket(path);
    expect(statSync(path).isSocket()).toBe(true);
    const server = await listening(hello, { path });
    expect(await ask(server.place, "/")).toBe("hello");
  });

  test("that a live server listens on is left alone", async () => {
    const path = join(folder(), "s");
    const first = await listening(hello, { path });
    await expect(serveFastcgi(hello, { path })).rejects.toThrow(
      `cannot listen on ${path}: another server listens there`,
    );
    expect(await ask(first.place, "/")).toBe("hello");
  });

  test("that another server has replaced meanwhile is not removed", async () => {
    const path = join(folder(), "s");
    const first = await listening(hello, { path });
    rmSync(path);
    const second = await listening(hello, { path });
    await first.close();
    expect(await ask(second.place, "/")).toBe("hello");
  });

  test("does not take the place of a file", async () => {
    const path = join(folder(), "s");
    writeFileSync(path, "precious");
    await expect(serveFastcgi(hello, { path })).rejects.toThrow(
      `cannot listen on ${path}: it is a file, and no socket`,
    );
    expect(statSync(path).size).toBe(8);
  });

  test("in a folder that is not there is told", async () => {
    const path = join(folder(), "no", "s");
    await expect(serveFastcgi(hello, { path })).rejects.toThrow(
      new RegExp(`^cannot listen on ${path}: ENOENT`),
    );
  });
});

/** What a server leaves that was killed: its file, and nobody behind it. */
async function deadSocket(path: string): Promise<void> {
  const hidden = `${path}~`;
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(hidden, resolve));
  renameSync(hidden, path);
  await new Promise((resolve) => server.close(resolve));
}

describe("FCGI_WEB_SERVER_ADDRS", () => {
  test.each([
    [["192.0.2.1"], false],
    [["192.0.2.1", "127.0.0.1"], true],
    [["::1"], false],
  ])("of %j lets 127.0.0.1 in: %s", async (webServerAddresses, allowed) => {
    const server = await listening(hello, { webServerAddresses });
    const client = await wire(server.place);
    client.send(get("/"));
    if (allowed) {
      await client.end();
      expect(server.log).toEqual([]);
    } else {
      await client.closed();
      expect(client.records).toEqual([]);
      expect(server.log).toEqual([
        'dram: closed a connection of "127.0.0.1", which is no web server\'s address',
      ]);
    }
  });

  test("lets in an IPv4 address that a server on :: sees in disguise", async () => {
    const server = await listening(hello, { host: "::", webServerAddresses: ["127.0.0.1"] });
    expect(await ask(server.place, "/")).toBe("hello");
  });

  test("is read from the environment, but for the option", async () => {
    process.env.FCGI_WEB_SERVER_ADDRS = "192.0.2.1, 192.0.2.2";
    try {
      const closed = await listening(hello);
      const client = await wire(closed.place);
      await client.closed();
      const open = await listening(hello, { webServerAddresses: ["127.0.0.1"] });
      expect(await ask(open.place, "/")).toBe("hello");
    } finally {
      delete process.env.FCGI_WEB_SERVER_ADDRS;
    }
  });

  test("is no matter of a Unix socket", async () => {
    const path = join(folder(), "s");
    const server = await listening(hello, { path, webServerAddresses: ["192.0.2.1"] });
    expect(await ask(server.place, "/")).toBe("hello");
  });

  test("that holds no address is refused", async () => {
    process.env.FCGI_WEB_SERVER_ADDRS = "192.0.2.1,localhost";
    try {
      await expect(serveFastcgi(hello, { port: 0 })).rejects.toThrow(
        'option FCGI_WEB_SERVER_ADDRS[1] is "localhost"; wanted an IPv4 or IPv6 address',
      );
    } finally {
      delete process.env.FCGI_WEB_SERVER_ADDRS;
    }
  });
});

describe("options", () => {
  test.each<[unknown, string]>([
    [{ port: "80" }, 'option port is "80"; wanted a number from 0 (any that is free) to 65535'],
    [{ port: 70_000 }, "option port is 70000; wanted a number from 0 (any that is free) to 65535"],
    [{ path: "" }, 'option path is ""; wanted the path of a Unix socket'],
    [
      { path: "/x", mode: 0o1777 },
      "option mode is 1023; wanted the permissions of a file, such as 0o660",
    ],
    [{ fd: -1 }, "option fd is -1; wanted the number of a file descriptor"],
    [
      { port: 0, path: "/x" },
      "more than one of the options port, path and fd is given; wanted one of them",
    ],
    [
      { fd: 0, path: "/x" },
      "more than one of the options port, path and fd is given; wanted one of them",
    ],
    [
      { port: 0, webServerAddresses: "::1" },
      'option webServerAddresses is "::1"; wanted an array of addresses',
    ],
    [
      { port: 0, webServerAddresses: [1] },
      "option webServerAddresses[0] is 1; wanted an IPv4 or IPv6 address",
    ],
    [
      { port: 0, requestTimeout: -1 },
      "option requestTimeout is -1; wanted a whole number of milliseconds",
    ],
    [{ port: 0, graceTime: 1.5 }, "option graceTime is 1.5; wanted a whole number of milliseconds"],
    [{ port: 0, signals: 1 }, "option signals is 1; wanted true or false"],
    [
      { port: 0, scriptName: "x" },
      'option scriptName is "x"; wanted a path such as "/app" without a trailing slash',
    ],
    [{ port: 0, repairPath: "iis" }, 'option repairPath is "iis"; wanted "apache" or "nginx"'],
    [{ fd: 999 }, "cannot listen on descriptor 999: "],
  ])("%j: %s", async (options, message) => {
    await expect(async () => serveFastcgi(hello, options as FastcgiOptions)).rejects.toThrow(
      message,
    );
  });

  test("scriptName and repairPath are those of every gateway behind a web server", async () => {
    const server = await listening(
      (environ, startResponse) => {
        startResponse("200 OK", []);
        return text(`${environ.SCRIPT_NAME}|${environ.PATH_INFO}`);
      },
      { scriptName: "/app" },
    );
    const client = await wire(server.place);
    client.send(get("/app/x", 1), get("/application", 2));
    await client.end(2);
    expect(bodyOf(client.stream(STDOUT, 1))).toBe("/app|/x");
    expect(client.stream(STDOUT, 2)).toContain("Status: 404 ");
  });
});
