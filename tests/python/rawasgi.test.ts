import type { ExtendedApplication } from "dram";
import { fromAsgi } from "dram/asgi";
import { pythonAsgi } from "dram/from/python";
import { client } from "dram/test";
import { beforeAll, describe, expect, test } from "vitest";
import { until } from "../targets/target.ts";
import { apps } from "./apps.ts";

describe("an ASGI application of Python's", () => {
  let application: ExtendedApplication;

  beforeAll(async () => {
    const python = pythonAsgi({ app: "raw:app", site: [apps] });
    await python.ready();
    application = fromAsgi(python);
  });

  async function seen(): Promise<string> {
    return (await client(application).get("/report")).text();
  }

  test("has a scope of Python's types, and the state of its lifespan", async () => {
    const text = await (await client(application).get("/show")).text();
    expect(text).toContain("[{'started': 'yes'}, {");
    for (const type of [
      "'headers': 'list'",
      "'header': ['bytes']",
      "'query_string': 'bytes'",
      "'raw_path': 'bytes'",
      "'server': 'tuple'",
      "'path': 'str'",
      "'extensions': ['dram.capabilities'",
    ]) {
      expect(text).toContain(type);
    }
  });

  test("keeps the bytes of headers", async () => {
    const response = await client(application).get("/report");
    expect(response.headers.get("x-byte")).toBe("\xe9");
  });

  test("receives a body as it comes", async () => {
    const { post } = client(application);
    const body = new Blob([new Uint8Array(300_000)]).stream();
    expect(await (await post("/count", { body, duplex: "half" })).text()).toBe("300000");
  });

  test("streams, and works on behind the response", async () => {
    await seen();
    const response = await client(application).get("/stream");
    expect([response.status, await response.text()]).toEqual([201, "one two three"]);
    await until(async () => (await seen()) === "['worked behind']");
  });

  test("hears that its client has left", async () => {
    await seen();
    const { get } = client(application);
    const response = await get("/wait");
    await response.body?.cancel();
    await until(async () => (await seen()).includes("http.disconnect"));
  });

  test("is answered 500 for what it raises, which is logged with its traceback", async () => {
    const { get, log } = client(application, { onError: "respond" });
    expect((await get("/fail")).status).toBe(500);
    expect(log).toEqual([expect.stringMatching(/raw.py.*LookupError: no such path$/)]);
  });

  test("has WebSockets", async () => {
    await seen();
    const { websocket } = client(application);
    const socket = await websocket("/socket", { subprotocols: ["chat"] });
    expect(socket.subprotocol).toBe("chat");
    await socket.send("text");
    expect(await socket.receive()).toBe("TEXT");
    await socket.send(new Uint8Array([1, 2, 3]));
    expect(await socket.receive()).toEqual(new Uint8Array([3, 2, 1]));
    await socket.close(4001);
    await until(async () => (await seen()).includes("left with 4001"));
  });
});
