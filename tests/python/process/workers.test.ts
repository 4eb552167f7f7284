import { promisify } from "node:util";
import { fromPythonProcess } from "dram/from/python/process";
import { describe, expect, test } from "vitest";
import { type Listening, listening, wire } from "../../node/helpers.ts";
import { until } from "../../targets/target.ts";
import { APPS, gate, isAlive, pids, program, serving, workers } from "./helpers.ts";

describe("workers", () => {
  test("are there before the server listens", async () => {
    const { application, printed } = workers({ app: "absent:application" });
    await expect(listening(application)).rejects.toMatchObject({
      code: "ERR_PYTHON",
      message: '"python3" cannot import the application "absent:application"',
      cause: { name: "ModuleNotFoundError", message: "No module named 'absent'" },
    });
    await until(() => printed.length === 1);
    expect(printed).toEqual([
      expect.stringMatching(
        /^dram: Python worker \d+ has ended with 0; the next request after 5000 ms starts another one$/,
      ),
    ]);
  });

  test("of a module that raises tell where", async () => {
    const { application } = workers({ app: "raising:application" });
    await expect(application.ready()).rejects.toMatchObject({
      cause: {
        name: "ZeroDivisionError",
        stack: expect.stringMatching(/raising\.py", line 3, in <module>\n.*1 \/ 0/),
      },
    });
  });

  test("of what cannot be called are none", async () => {
    const { application } = workers({ app: "steps:OPEN" });
    await expect(application.ready()).rejects.toMatchObject({
      cause: {
        name: "TypeError",
        message: "steps:OPEN is None; wanted a WSGI application, a callable",
      },
    });
  });

  test("that cannot import the application are not started again for every request", async () => {
    const { application, printed } = workers({ app: "absent:application", workers: 4 });
    const server = await listening((environ, startResponse) => application(environ, startResponse));
    for (let count = 0; count < 10; count++) {
      expect((await fetch(server.url)).status).toBe(500);
    }
    expect(printed).toHaveLength(1);
    expect(server.log[0]).toMatch(
      /^dram: GET \/: ERR_PYTHON: "python3" cannot import .* \| caused by .*ModuleNotFoundError: No module named 'absent'$/,
    );
  });

  test("of a program that does not exist are an error that names it", async () => {
    const { application } = workers({ python: "/nowhere/python3" });
    await expect(application.ready()).rejects.toMatchObject({
      message: expect.stringContaining('"/nowhere/python3" cannot import'),
      cause: { message: expect.stringContaining("spawn /nowhere/python3 ENOENT") },
    });
  });

  test("of a Python that is too old are an error that names its version", async () => {
    const python = program(
      "#!/usr/bin/env python3\nimport sys\nsys.version_info = (3, 8, 19)\nexec(sys.argv[3])\n",
    );
    const { application } = workers({ python });
    await expect(application.ready()).rejects.toMatchObject({
      cause: { message: "Python is 3.8; wanted 3.9 or later" },
    });
  });

  test("are any program that is one, with arguments of its own", async () => {
    const python = program('#!/bin/sh\nexport FOUND=wrapped\nexec python3 "$@"\n');
    const { read } = await serving({ python });
    expect(await read("/show?FOUND")).toBe("wrapped");
  });

  test("have the environment of this process, and their own", async () => {
    const { read } = await serving({ environment: { OWN: "own" } });
    expect(await read("/show?OWN")).toBe("own");
    expect(await read("/show?HOME")).toBe(process.env.HOME);
  });

  test("share the requests", async () => {
    const served = await serving({ workers: 2 });
    const first = gate();
    const busy = served.read(first.path);
    await until(() => served.printed.length === 1);
    const others = await Promise.all(Array.from({ length: 4 }, () => served.read("/pid")));
    first.open();
    expect(new Set(others).size).toBe(1);
    expect(others).not.toContain(await busy);
  });

  test("say what they are to the application", async () => {
    const one = await serving();
    expect(await one.read("/flags")).toBe("[False, True, False]");
    const two = await serving({ workers: 2, threads: 2 });
    expect(await two.read("/flags")).toBe("[True, True, False]");
  });

  test("with threads have several requests in hand", async () => {
    const { read, printed } = await serving({ threads: 3 });
    const gates = [gate(), gate(), gate()];
    const answers = gates.map(({ path }) => read(path));
    await until(() => printed.length === 3);
    // In three threads of one process.
    expect(new Set(printed).size).toBe(3);
    for (const { open } of gates.toReversed()) {
      open();
    }
    expect(new Set(await Promise.all(answers)).size).toBe(1);
  });

  test("with threads stream both ways at once", async () => {
    const { ask, read } = await serving({ threads: 4 });
    const body = new Uint8Array(1_000_000);
    const answers = await Promise.all([
      read("/upload", { method: "POST", body }),
      ask("/download?40").then((response) => response.bytes()),
      read("/upload", { method: "POST", body }),
      ask("/download?40").then((response) => response.bytes()),
    ]);
    expect(
      answers.map((answer) => (typeof answer === "string" ? answer.split(" ")[0] : answer.length)),
    ).toEqual(["1000000", 2_621_440, "1000000", 2_621_440]);
  });
});

describe("a worker that dies", () => {
  test("takes with it what it has in hand, and nothing else", async () => {
    const served = await serving({ workers: 2 });
    const [one = 0, other = 0] = await pids(served, 2);
    const gates = [gate(), gate()];
    const answers = gates.map(({ path }) => served.ask(path));
    await until(() => served.printed.length === 2);
    process.kill(one, "SIGKILL");
    await until(() => served.printed.length === 3);
    for (const { open } of gates) {
      open();
    }
    const responses = await Promise.all(answers);
    expect(responses.map(({ status }) => status).toSorted()).toEqual([200, 502]);
    for (const response of responses) {
      expect(await response.text()).toBe(response.status === 200 ? String(other) : "Bad Gateway\n");
    }
    expect(served.printed[2]).toBe(
      `dram: Python worker ${one} has ended with SIGKILL; another one starts`,
    );
    expect(served.server.log).toEqual([
      expect.stringMatching(
        new RegExp(
          `^dram: GET /waits\\S*: ERR_WORKER: Python worker ${one} has ended with SIGKILL$`,
        ),
      ),
    ]);
    const [first, second] = await pids(served, 2);
    expect([first, second]).toContain(other);
  });

  test("by itself says how", async () => {
    const { ask, read, server, printed } = await serving();
    expect((await ask("/leaves")).status).toBe(502);
    expect(server.log[0]).toContain("has ended with 3");
    expect(await read("/show?GATE")).toBe("None");
    expect(printed).toHaveLength(1);
  });

  test("and leaves a process of its own that holds its socket is not waited for", async () => {
    const { ask, printed } = await serving();
    const begun = performance.now();
    expect((await ask("/forks")).status).toBe(502);
    expect(performance.now() - begun).toBeLessThan(2500);
    expect(printed[0]).toContain("has ended with 3; another one starts");
  });

  test("behind its answer has answered", async () => {
    const { ask } = await serving({ python: program(ANSWERING) });
    expect((await (await ask("/")).bytes()).length).toBe(2_000_000);
  });

  test("breaks the response that it has begun", async () => {
    const { read, server } = await serving();
    await expect(read("/breaks")).rejects.toThrow();
    await until(() => server.log.length === 1);
    expect(server.log[0]).toContain("ERR_WORKER");
  });

  test("while nothing is asked of it is replaced before it is", async () => {
    const served = await serving();
    const [pid = 0] = await pids(served, 1);
    process.kill(pid, "SIGKILL");
    await until(() => served.printed.length === 1);
    expect(Number(await served.read("/pid"))).not.toBe(pid);
    expect(served.server.log).toEqual([]);
  });

  test("again and again is replaced more slowly each time", async () => {
    const { ask, read, printed } = await serving();
    for (let deaths = 1; deaths <= 4; deaths++) {
      expect((await ask("/dies")).status).toBe(502);
      await until(() => printed.length === deaths);
    }
    expect(printed.map((line) => line.replace(/\d+/, "N"))).toEqual([
      "dram: Python worker N has ended with SIGKILL; another one starts",
      "dram: Python worker N has ended with SIGKILL; another one starts in 100 ms",
      "dram: Python worker N has ended with SIGKILL; another one starts in 200 ms",
      "dram: Python worker N has ended with SIGKILL; another one starts in 400 ms",
    ]);
    // Requests wait for it.
    expect(await read("/show?GATE")).toBe("None");
  });

  test("at the end of its time is answered 504", async () => {
    const { ask, read, server, printed } = await serving({ timeout: 2000 });
    const response = await ask("/hangs");
    expect([response.status, await response.text()]).toEqual([
      504,
      "Gateway Timeout: the application has taken more than 2000 ms for one step\n",
    ]);
    expect(server.log).toHaveLength(1);
    expect(await read("/show?GATE")).toBe("None");
    expect(printed[1]).toMatch(
      /has ended with SIGKILL: the application has taken more than 2000 ms for one step; another one starts$/,
    );
  });

  test("at the end of its time does so in its import, too", async () => {
    const { application } = workers({ app: "slow:application", timeout: 300 });
    await expect(application.ready()).rejects.toMatchObject({
      cause: {
        message: expect.stringContaining("the application was not imported within 300 ms"),
      },
    });
  });
});

describe("requests that wait", () => {
  test("are answered in the order in which they came", async () => {
    const { read, printed } = await serving();
    const first = gate();
    const order: string[] = [];
    const answers = [read(first.path)];
    await until(() => printed.length === 1);
    for (const path of ["/show?A", "/show?B", "/show?C"]) {
      const [, name = ""] = path.split("?");
      answers.push(
        read(`/prints?${name}`).then((answer) => {
          order.push(name);
          return answer;
        }),
      );
      await new Promise((resolve) => setImmediate(resolve));
    }
    first.open();
    await Promise.all(answers);
    expect(order).toEqual(["A", "B", "C"]);
  });

  test("are refused with 503 if there are too many", async () => {
    const { ask, read, printed, server } = await serving({ queue: 1 });
    const first = gate();
    const held = read(first.path);
    await until(() => printed.length === 1);
    const answers = [ask("/pid"), ask("/pid")];
    const refused = await Promise.race(answers);
    expect([refused.status, refused.headers.get("retry-after"), await refused.text()]).toEqual([
      503,
      "1",
      "Service Unavailable\n",
    ]);
    first.open();
    await held;
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([200, 503]);
    expect(server.log).toEqual([]);
  });

  test("are not begun if their client has left", async () => {
    const { read, printed, server } = await serving();
    const first = gate();
    const held = read(first.path);
    await until(() => printed.length === 1);
    const client = await wire(server.port);
    client.send("GET /prints HTTP/1.1\r\nHost: a\r\n\r\n");
    await until(async () => (await connections(server)) === 2);
    client.socket.destroy();
    await until(async () => (await connections(server)) === 1);
    first.open();
    await held;
    await read("/pid");
    expect(printed).toHaveLength(1);
    expect(server.log).toEqual([]);
  });

  test("do not wait for a client that sends its body slowly", async () => {
    const { read, server } = await serving();
    const client = await wire(server.port);
    client.send("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345");
    expect(await read("/show?GATE")).toBe("None");
    client.send("67890");
    expect(await client.receive(/\r\n\r\n10 \d+/)).toContain("200 OK");
  });
});

describe("the end", () => {
  test("of the workers lets them finish what they have in hand", async () => {
    const { application, read, printed } = await serving();
    const first = gate();
    const held = read(first.path);
    await until(() => printed.length === 1);
    const closed = application.close();
    const refused = await read("/pid");
    expect(refused).toBe("Service Unavailable\n");
    first.open();
    const pid = Number(await held);
    await closed;
    expect(isAlive(pid)).toBe(false);
    expect(printed).toHaveLength(1);
  });

  test("of the workers is no end of the application", async () => {
    const { application, read } = await serving();
    const pid = await read("/pid");
    await application.close();
    expect(await read("/pid")).not.toBe(pid);
  });

  test("of the server is that of its workers", async () => {
    const { server, read } = await serving();
    const pid = Number(await read("/pid"));
    await server.close();
    // The server of the tests waits 100 ms for it, at most.
    await until(() => !isAlive(pid));
  });

  test("of a block is that of what it uses", async () => {
    let pid = 0;
    {
      await using application = fromPythonProcess({ app: "steps:application", cwd: APPS });
      const server = await listening(application);
      pid = Number(await (await fetch(`${server.url}/pid`)).text());
    }
    expect(isAlive(pid)).toBe(false);
  });
});

/** A worker that answers its first request, with all that its socket takes, and is gone. */
const ANSWERING = `#!/usr/bin/env python3
import os, struct
stream = open(3, "rb", closefd=False)
stream.readline()
os.write(3, struct.pack("!cII", b"O", 0, 0))
head = b'["200 OK",[],true]'
parcel = struct.pack("!I", len(head)) + head + bytes(2_000_000)
_, id, length = struct.unpack("!cII", stream.read(9))
stream.read(length)
with open(3, "wb", closefd=False) as output:
    output.write(struct.pack("!cII", b"H", id, len(parcel)) + parcel)
os._exit(0)
`;

function connections({ server }: Listening): Promise<number> {
  return promisify(server.getConnections.bind(server))();
}
