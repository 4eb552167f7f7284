import { fromPython, type PythonApplication } from "dram/from/python";
import { client } from "dram/test";
import { beforeAll, describe, expect, test } from "vitest";
import { listening, wire } from "../node/helpers.ts";
import { until } from "../targets/target.ts";
import { apps } from "./apps.ts";

const REQUESTS = Array.from({ length: 10 }, (_, index) => index);

describe("requests to Python that come together", () => {
  let serial: PythonApplication;
  let interleaved: PythonApplication;

  beforeAll(async () => {
    serial = fromPython({ app: "state:both", site: [apps] });
    interleaved = fromPython({ app: "state:both", site: [apps], concurrency: "interleave" });
    await Promise.all([serial.ready(), interleaved.ready()]);
  });

  test("are served one by one, from the call to the end of the body", async () => {
    const { get } = client(serial);
    const found = await Promise.all(
      REQUESTS.map(async (index) => (await get(`/?${index}`)).text()),
    );
    expect(found).toEqual(REQUESTS.map(() => "wait True True True True"));
    expect(await (await get("/report")).json()).toEqual([1, false]);
  });

  test("run while others wait, if they are to be interleaved, each in its own context", async () => {
    const { get } = client(interleaved);
    const found = await Promise.all(
      REQUESTS.map(async (index) => (await get(`/?${index}`)).text()),
    );
    // contextvars hold; threading.local is one for all of them.
    expect(found.map((text) => text.split(" ")[1])).toEqual(REQUESTS.map(() => "True"));
    expect(found.map((text) => text.split(" ")[3])).toEqual(REQUESTS.map(() => "True"));
    expect(found.filter((text) => text.split(" ")[2] === "False")).toHaveLength(9);
    expect(await (await get("/report")).json()).toEqual([10, true]);
  });
});

describe("a client of Python's that", () => {
  let python: PythonApplication;

  beforeAll(async () => {
    python = fromPython({ app: "spec:app", site: [apps] });
    await python.ready();
  });

  async function seen(): Promise<unknown> {
    return (await client(python).get("/seen")).json();
  }

  test("leaves before its turn has no request", async () => {
    await seen();
    let calls = 0;
    const { get } = client((environ, startResponse) => {
      calls += 1;
      return python(environ, startResponse);
    });
    const first = await get("/streams");
    const leaving = new AbortController();
    const second = get("/fails", { signal: leaving.signal });
    await until(() => calls === 2);
    leaving.abort();
    await expect(second).rejects.toThrow();
    await first.text();
    expect(await seen()).toEqual(["streams closed"]);
  });

  test("leaves while Python sleeps has its body closed afterwards", async () => {
    const { get, close } = client(python);
    const response = await get("/endless");
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await close();
    expect(await seen()).toEqual(["endless left"]);
  });

  test("sends its body slowly keeps nobody waiting", async () => {
    let calls = 0;
    const server = await listening((environ, startResponse) => {
      calls += 1;
      return python(environ, startResponse);
    });
    const slow = await wire(server.port);
    slow.send("POST /read_twice HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345");
    await until(() => calls === 1);
    const signal = AbortSignal.timeout(3000);
    expect((await fetch(new URL("/hello", server.url), { signal })).status).toBe(200);
    slow.send("67890");
    expect(await slow.receive("[10, 0, 0]")).toContain("200 OK");
  });

  test("has left lets the next one in", async () => {
    const { get } = client(python);
    const response = await get("/endless");
    await response.body?.cancel();
    expect(await (await get("/hello")).text()).toBe("Hello from Python");
  });
});

describe("the streams of a request", () => {
  let python: PythonApplication;

  beforeAll(async () => {
    python = fromPython({ app: "spec:app", site: [apps] });
    await python.ready();
  });

  async function seen(): Promise<unknown> {
    return (await client(python).get("/seen")).json();
  }

  test("write() waits for a client that does not read", async () => {
    const { get, close } = client(python);
    const response = await get("/big_writes");
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await close();
    const written = await seen();
    expect(Array.isArray(written) && written.length).toBeLessThan(10);
  });

  test("an upload comes in as it is read", async () => {
    let given = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          given += 1;
          controller.enqueue(new TextEncoder().encode(`${given} `));
          if (given === 5) {
            controller.close();
          }
        },
      },
      { highWaterMark: 0 },
    );
    const { fetch } = client(python);
    const response = await fetch("/read_late", { method: "POST", body, duplex: "half" });
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("1 ");
    expect(given).toBeLessThan(5);
    let rest = "";
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
      rest += Buffer.from(part.value).toString();
    }
    expect(rest).toBe("2 3 4 5 ");
  });

  test("a body that is too large raises OSError, and is answered 413", async () => {
    await seen();
    const { post, log } = client(python, { maxBodySize: 10, onError: "respond" });
    // Without a length, so that the gateway does not refuse it before.
    const body = new Blob(["more than ten bytes"]).stream();
    const response = await post("/read_caught", { body, duplex: "half" });
    expect(response.status).toBe(413);
    expect(await seen()).toEqual([expect.stringMatching(/^TransportError: .*10/)]);
    expect(log).toEqual([expect.stringContaining("ERR_BODY_TOO_LARGE")]);
  });

  test("a body that breaks off raises OSError, and is answered 400", async () => {
    await seen();
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.error(new Error("gone"));
      },
    });
    const { post, log } = client(python, { onError: "respond" });
    const response = await post("/read_caught", { body, duplex: "half" });
    expect(response.status).toBe(400);
    expect(await seen()).toEqual([expect.stringMatching(/^TransportError: /)]);
    expect(log).toEqual([expect.stringContaining("ERR_CLIENT_DISCONNECTED")]);
  });
});
