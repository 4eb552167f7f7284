import { execFile } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { CgiOptions } from "dram/cgi";
import { describe, expect, test } from "vitest";
import { type CgiProcess, runCgi, startCgi } from "../targets/cgi.ts";
import { until } from "../targets/target.ts";

const module = new URL("./application.ts", import.meta.url).href;

type Variables = Readonly<Record<string, string>>;

function run(path: string, variables: Variables = {}, stdin = "", options: CgiOptions = {}) {
  return runCgi({ module, options, variables: { PATH_INFO: path, ...variables } }, stdin);
}

function start(path: string, variables: Variables = {}): CgiProcess {
  return startCgi({ module, variables: { PATH_INFO: path, ...variables } });
}

function post(length: number): Variables {
  return { REQUEST_METHOD: "POST", CONTENT_LENGTH: String(length) };
}

async function environOf(variables: Variables): Promise<Record<string, unknown>> {
  const { output } = await run("/environ", variables);
  const body = output.slice(output.indexOf("\r\n\r\n") + 4);
  return JSON.parse(Buffer.from(body, "latin1").toString("utf8"));
}

describe("the response", () => {
  test("Status comes first, then the headers in order, all of them, then the bytes", async () => {
    const bytes = String.fromCharCode(...Array.from({ length: 256 }, (_, index) => index));
    expect(await run("/headers")).toEqual({
      output: `Status: 299 Fr\xf6ody\r\nX-B: 1\r\nSet-Cookie: a=1\r\nx-a: caf\xe9\r\nSet-Cookie: b=2\r\nContent-Length: 256\r\n\r\n${bytes}`,
      exit: 0,
      log: [],
    });
  });

  test.each([
    ["/reasonless", "GET", "Status: 200\r\nContent-Length: 0\r\n\r\n"],
    ["/text", "GET", "Status: 200 OK\r\nContent-Length: 3\r\n\r\nh\xc3\xa9"],
    ["/text", "HEAD", "Status: 200 OK\r\nContent-Length: 3\r\n\r\n"],
    ["/204", "GET", "Status: 204 No Content\r\n\r\n"],
    ["/304", "GET", 'Status: 304 Not Modified\r\nETag: "a"\r\n\r\n'],
  ])("%s %s", async (path, method, output) => {
    expect((await run(path, { REQUEST_METHOD: method })).output).toBe(output);
  });

  test("a body in several chunks has the length of all", async () => {
    const { output } = await run("/pieces");
    expect(output.slice(0, 48)).toBe("Status: 200 OK\r\nContent-Length: 100002\r\n\r\nab\0\0\0\0");
    expect(output).toHaveLength(100_044);
  });

  test("a chunk leaves as soon as it is there", async () => {
    const program = start("/turns", post(1));
    const stdout = program.process.stdout?.setEncoding("latin1");
    let received = "";
    stdout?.on("data", (data) => {
      received += data;
    });
    await until(() => received === "Status: 200 OK\r\n\r\nfirst ");
    program.process.stdin?.write("x");
    await until(() => received.endsWith("first x"));
    expect(await program.exit).toBe(0);
  });

  test("an empty write sends the head", async () => {
    const program = start("/commits", post(1));
    let received = "";
    program.process.stdout?.setEncoding("latin1").on("data", (data) => {
      received += data;
    });
    await until(() => received === "Status: 200 OK\r\n\r\n");
    program.process.stdin?.write("x");
    await until(() => received.endsWith("\r\n\r\nx"));
  });

  test("nothing is produced that the server does not take", async () => {
    const program = start("/endless");
    await until(() => program.log.some((line) => line.startsWith("pulled")));
    const [pulled = ""] = program.log.filter((line) => line.startsWith("pulled"));
    expect(Number(pulled.slice(7))).toBeLessThanOrEqual(16);
    program.process.kill("SIGKILL");
  });

  test("standard output may be a file", async () => {
    const folder = await mkdtemp(join(tmpdir(), "dram-cgi-"));
    const path = join(folder, "out");
    const stdout = openSync(path, "w");
    const program = startCgi({ module, variables: { PATH_INFO: "/large" }, stdout });
    closeSync(stdout);
    expect(await program.exit).toBe(0);
    expect(readFileSync(path)).toHaveLength(64 * 65_536 + 18);
    await rm(folder, { recursive: true });
  });

  test("what the application prints goes to the log", async () => {
    const { output, log } = await run("/prints");
    expect(output).toMatch(/^Status: 200 OK\r\n.*\r\n\r\nbody$/s);
    expect(log).toEqual(["stray log", "stray write"]);
  });
});

describe("errors", () => {
  test("an application that throws is answered 500, and the program fails", async () => {
    const { output, exit, log } = await run("/throws", { REQUEST_URI: "/throws?a" });
    expect(output).toMatch(/^Status: 500 Internal Server Error\r\n/);
    expect(output).not.toContain("thrown");
    expect(exit).toBe(1);
    expect(log).toEqual([expect.stringMatching(/^dram: GET \/throws\?a: Error: thrown \| /)]);
  });

  test("a 500 of the application's own is no failure of the program", async () => {
    expect(await run("/answers-500")).toMatchObject({ exit: 0, log: [] });
  });

  test("a body that breaks ends there, and the program fails", async () => {
    const { output, exit, log } = await run("/breaks");
    expect(output).toBe("Status: 200 OK\r\nContent-Length: 10\r\n\r\npart");
    expect(exit).toBe(1);
    expect(log).toEqual([expect.stringMatching(/^dram: GET \/breaks: Error: broken \| /)]);
  });

  test("a malformed request is refused, which is no failure of the program", async () => {
    const { output, exit, log } = await run("/", { HTTP_HOST: "evil/admin?" });
    expect(output).toMatch(/^Status: 400 Bad Request\r\n/);
    expect(exit).toBe(0);
    expect(log).toEqual([expect.stringMatching(/^dram: request refused: ERR_HOST: /)]);
  });

  test("a web server that does not say what it wants is told so, and the program fails", async () => {
    const { output, exit, log } = await run("/", { REQUEST_METHOD: "" });
    expect(output).toMatch(/^Status: 500 /);
    expect(exit).toBe(1);
    expect(log).toEqual([expect.stringContaining("REQUEST_METHOD is missing")]);
  });

  test("what nobody catches is logged, and the response goes on", async () => {
    const { output, exit, log } = await run("/floats");
    expect(output).toBe("Status: 200 OK\r\n\r\nbody");
    expect(exit).toBe(0);
    expect(log).toEqual([
      expect.stringMatching(/^dram: an unhandled rejection: Error: floating/),
      expect.stringMatching(/^dram: an uncaught exception: Error: uncaught/),
    ]);
  });

  test("a malformed option is an error that names it", async () => {
    const { output, exit, log } = await run("/", {}, "", { scriptName: "app/" });
    expect(output).toBe("");
    expect(exit).toBe(1);
    expect(log.join("\n")).toContain('option scriptName is "app/"; wanted');
  });
});

describe("the variables", () => {
  test("bytes that are no UTF-8 are what they were", async () => {
    const variables = { PATH_INFO: "/caf\xe9\xff\xed\xa0\x80", HTTP_X_A: "\xe2\x82\xac\xe9" };
    expect(await environOf(variables)).toMatchObject(variables);
  });

  test("one that the program has changed since is as it is now", async () => {
    const { output } = await run("/environ", { DRAM_CHANGED: "\xe9" }, "", {
      variables: ["DRAM_CHANGED"],
    });
    expect(output).toContain('"DRAM_CHANGED":"\xc3\xa2\xc2\x82\xc2\xac"');
  });

  test("T12 the environment of the process is not that of the request", async () => {
    const environ = await environOf({ SECRET: "s" });
    for (const key of ["SECRET", "DRAM_MODULE", "DRAM_CHANGED", "PATH"]) {
      expect(key in environ, key).toBe(false);
    }
  });

  test("T02 HTTP_PROXY is taken out of the environment of the process", async () => {
    const environ = await environOf({ HTTP_PROXY: "http://evil.example" });
    expect(environ.proxy).toBe("none");
    expect("HTTP_PROXY" in environ).toBe(false);
  });

  test("one process answers one request, and there may be others", async () => {
    expect(await environOf({})).toMatchObject({
      "wsgi.multithread": false,
      "wsgi.multiprocess": true,
      "wsgi.run_once": true,
    });
  });

  test("the options are those of every gateway behind a web server", async () => {
    const variables = { SCRIPT_NAME: "/app/environ", REQUEST_URI: "/app//environ%2F" };
    const options = { scriptName: "/app", repairPath: "nginx" } as const;
    const { output } = await run("", variables, "", options);
    expect(output).toContain('"SCRIPT_NAME":"/app","PATH_INFO":"//environ/"');
  });

  test("not started by a web server, it says so", async () => {
    const program = new URL("../targets/cgi-program.ts", import.meta.url).pathname;
    const { GATEWAY_INTERFACE: _, ...env } = process.env;
    const running = promisify(execFile)(process.execPath, ["--conditions=dram-source", program], {
      env: { ...env, DRAM_MODULE: module },
    });
    await expect(running).rejects.toMatchObject({
      code: 64,
      stdout: "",
      stderr:
        "dram: this is a CGI program, to be started by a web server: GATEWAY_INTERFACE is not set\n",
    });
  });
});

describe("the request body", () => {
  test("is read up to CONTENT_LENGTH, though the server leaves the pipe open", async () => {
    const program = start("/reads", post(3));
    program.process.stdin?.write("abcdef");
    expect(await program.output()).toMatch(/\r\n\r\n3$/);
    expect(await program.exit).toBe(0);
  });

  test("that is chunked is read to its end", async () => {
    const variables = { REQUEST_METHOD: "POST", HTTP_TRANSFER_ENCODING: "chunked" };
    expect((await run("/reads", variables, "abcdef")).output).toMatch(/\r\n\r\n6$/);
  });

  test("is none without a length, and the pipe is not even looked at", async () => {
    const program = start("/reads", { REQUEST_METHOD: "POST" });
    program.process.stdin?.write("abc");
    expect(await program.output()).toMatch(/\r\n\r\n0$/);
    expect(await program.exit).toBe(0);
  });

  test("T15 that is shorter than announced is an error", async () => {
    const { output, log } = await run("/reads", post(10), "abc");
    expect(output).toMatch(/^Status: 400 /);
    expect(log.join()).toContain("the client left after 3 of 10 bytes");
  });

  test("over maxBodySize is refused", async () => {
    const { output, exit } = await run("/reads", post(11), "hello world", { maxBodySize: 10 });
    expect(output).toMatch(/^Status: 413 /);
    expect(exit).toBe(0);
  });

  // Apache httpd sends all of the body before it reads any of the response.
  test.each([
    ["/text", "that nobody reads", 40],
    ["/large", "that nobody reads, before a large response", 64 * 65_536 + 18],
    ["/echoes", "that is sent back as it comes", 4_194_304 + 18],
  ])("%s: one %s does not hold the server up", async (path, _, size) => {
    const body = "x".repeat(4_194_304);
    const program = start(path, post(body.length));
    await new Promise((resolve) => program.process.stdin?.write(body, "latin1", resolve));
    expect((await program.output()).length).toBe(size);
    expect(await program.exit).toBe(0);
  });

  test("of a request that is refused does not hold the server up either", async () => {
    const body = "x".repeat(4_194_304);
    const program = start("/text", { ...post(body.length), HTTP_HOST: "a/b" });
    await new Promise((resolve) => program.process.stdin?.write(body, "latin1", resolve));
    expect(await program.output()).toMatch(/^Status: 400 /);
    expect(await program.exit).toBe(0);
  });
});

describe("the end", () => {
  test("a server that closes standard output ends the exchange: signal, then close() once", async () => {
    const program = start("/endless");
    await new Promise((resolve) => program.process.stdout?.once("data", resolve));
    program.process.stdout?.destroy();
    expect(await program.exit).toBe(0);
    expect(program.log.filter((line) => !line.startsWith("pulled"))).toEqual([
      "aborted: ERR_CLIENT_DISCONNECTED",
      "closed",
    ]);
  });

  test("SIGTERM ends the exchange: signal, then close() once", async () => {
    const program = start("/endless");
    program.process.stdout?.resume();
    await new Promise((resolve) => program.process.stdout?.once("data", resolve));
    program.process.kill("SIGTERM");
    expect(await program.exit).toBe(1);
    expect(program.log.filter((line) => !line.startsWith("pulled"))).toEqual([
      "aborted: ERR_ABORTED",
      "closed",
    ]);
  });

  test("SIGTERM ends an exchange whose body waits for nothing, too", async () => {
    const spec = { module, variables: { PATH_INFO: "/floods" }, through: "pipe" } as const;
    const program = startCgi(spec);
    program.process.stdout?.resume();
    // The end of the pipe ends a program that does not see its signal.
    const stuck = setTimeout(() => program.process.kill("SIGKILL"), 10_000);
    await program.exit;
    clearTimeout(stuck);
    expect(program.log).toEqual(["aborted: ERR_ABORTED", "closed"]);
  });

  test("SIGTERM ends a program that does not listen to the signal within the grace time", async () => {
    const program = start("/pending");
    await until(() => program.log.includes("called"));
    program.process.kill("SIGTERM");
    expect(await program.exit).toBe(1);
    expect(program.log).toEqual(["called", "aborted: ERR_ABORTED"]);
  });

  test("SIGTERM is watched for before the application is called", async () => {
    expect(await run("/stopped-at-once")).toEqual({
      output: "",
      exit: 1,
      log: ["aborted: ERR_ABORTED"],
    });
  });

  test("an application that waits for nothing at all does not pass for one that has answered", async () => {
    expect(await run("/stuck")).toEqual({
      output: "",
      exit: 1,
      log: ["dram: the application waits for what can never come; the program ends"],
    });
  });

  test("a body that waits for nothing at all is closed", async () => {
    expect(await run("/stuck-later")).toEqual({
      output: "Status: 200 OK\r\n\r\nfirst",
      exit: 1,
      log: [
        "dram: the application waits for what can never come; the program ends",
        "closed",
        expect.stringContaining("ERR_CLOSE_TIMEOUT"),
      ],
    });
  });

  test.each(["socket", "pipe"] as const)(
    "the server sees the end of the response on a %s while the work behind it goes on",
    async (through) => {
      const program = startCgi({ module, variables: { PATH_INFO: "/works-on" }, through });
      expect(await program.output()).toMatch(/\r\n\r\nbody$/);
      expect(program.log).toEqual([]);
      program.process.stdin?.end("x");
      expect(await program.exit).toBe(0);
      expect(program.log).toEqual(["done"]);
    },
  );

  test("what the application leaves open does not hold the program", async () => {
    expect(await run("/holds")).toMatchObject({ exit: 0 });
  });
});
