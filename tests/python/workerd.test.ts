import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundle } from "../../scripts/bundle.ts";
import { bootPythonWorker, buildPython, type PythonBuild } from "../targets/pythonbuild.ts";
import { type Target, textOf, until } from "../targets/target.ts";
import { bootModules } from "../targets/workerd.ts";
import { apps } from "./apps.ts";

// A Worker's requests each have a context of their own, in which alone their input and output goes on;
// here one waits for another.

const REQUESTS = Array.from({ length: 6 }, (_, index) => index);

let build: PythonBuild;

beforeAll(async () => {
  build = await buildPython(["--app", "state:both", "--site", apps, "--workers"]);
}, 120_000);

afterAll(() => build.remove());

/** What comes back of requests that come together. */
function together(worker: Target): Promise<string[]> {
  return Promise.all(
    REQUESTS.map(async (index) => textOf(await worker.send({ path: `/?${index}` }))),
  );
}

test("requests to a Worker are served one by one, the first of them, too", async () => {
  const worker = await bootPythonWorker(build, { app: "state:both" });
  const right = REQUESTS.map(() => "wait True True True True");
  expect(await together(worker)).toEqual(right);
  expect(await together(worker)).toEqual(right);
  expect(JSON.parse(await textOf(await worker.send({ path: "/report" })))).toEqual([1, false]);
  expect(worker.log).toEqual([]);
  await worker.close();
});

test("requests to a Worker are interleaved, if they are to be", async () => {
  const worker = await bootPythonWorker(build, { app: "state:both", concurrency: "interleave" });
  const found = await together(worker);
  expect(found.map((text) => text.split(" ")[3])).toEqual(REQUESTS.map(() => "True"));
  expect(JSON.parse(await textOf(await worker.send({ path: "/report" })))).toEqual([6, true]);
  await worker.close();
});

test("a client of a Worker that leaves lets the next one in", async () => {
  const worker = await bootPythonWorker(build, { app: "state:both" });
  const endless = await worker.send({ path: "/endless" });
  const next = worker.send({ path: "/?next" });
  endless.leave();
  expect(await textOf(await next)).toBe("wait True True True True");
  await worker.close();
});

test.each([[[]], [["nodejs_compat"]]])(
  "a Worker without a runtime is told where to get one, with the flags %j",
  async (compatibilityFlags) => {
    const contents = await bundle(new URL("bareworker.ts", import.meta.url));
    const worker = await bootModules([{ path: "worker.js", contents }], { compatibilityFlags });
    expect((await worker.send({ path: "/" })).status).toBe(500);
    await until(() => worker.log.length > 0);
    expect(worker.log[0]).toContain(
      "ERR_OPTION: option runtime is undefined; wanted what npx dram python build --workers writes for a Worker",
    );
    await worker.close();
  },
);

test("a Worker may serve an ASGI application of Python's, and its WebSockets", async () => {
  const asgi = await buildPython(["--app", "raw:app", "--site", apps, "--workers"]);
  const worker = await bootPythonWorker(
    asgi,
    { app: "raw:app" },
    { application: "fromAsgi(pythonAsgi(options))" },
  );
  expect(await textOf(await worker.send({ path: "/show" }))).toContain("[{'started': 'yes'}, {");
  expect(await textOf(await worker.send({ path: "/stream" }))).toBe("one two three");
  const socket = new WebSocket(`ws://127.0.0.1:${worker.port}/socket`, "chat");
  const received = once(socket, "message");
  socket.addEventListener("open", () => socket.send("text"));
  const [message] = await received;
  expect([socket.protocol, message.data]).toEqual(["chat", "TEXT"]);
  socket.close();
  await worker.close();
  asgi.remove();
}, 60_000);
