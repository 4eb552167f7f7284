import { fetchTransport } from "dram/conformance/transport";
import { toFetch } from "dram/fetch";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gateways } from "../../../scripts/lambda/gateways.ts";
import { Log } from "../../core/helpers.ts";
import { bootLambda } from "../../targets/lambda.ts";
import { bootNode } from "../../targets/node.ts";
import { bytesOf, header, type Target, textOf, until } from "../../targets/target.ts";
import { bootWorkerd, send } from "../../targets/workerd.ts";
import { application } from "./handler.ts";

type Running = Pick<Target, "send" | "close">;

const boots: Record<string, () => Promise<Running>> = {
  async fetch() {
    const handle = toFetch(application, { errors: new Log() });
    return { ...fetchTransport(handle, "http://localhost:8787"), async close() {} };
  },
  workerd: () => bootWorkerd({ bindings: { MOUNT: "bound" } }, "../frameworks/fetch/worker.ts"),
  node: () => bootNode({ module: new URL("./handler.ts", import.meta.url).href }),
  async lambda() {
    const { url } = gateways;
    if (url === undefined) {
      throw new Error("there is no function URL");
    }
    const { port, close } = await bootLambda({
      gateway: url,
      module: new URL("./lambda.ts", import.meta.url),
    });
    const host: [string, string] = ["Host", url.domain];
    return {
      close,
      send: (request) => send(port, { ...request, headers: [host, ...(request.headers ?? [])] }),
    };
  },
};

describe.each(Object.entries(boots))("Hono on %s", (name, boot) => {
  let target: Running;

  beforeAll(async () => {
    target = await boot();
  });

  afterAll(() => target?.close());

  async function jsonOf(path: string, headers: [string, string][] = []) {
    return JSON.parse(await textOf(await target.send({ path, headers })));
  }

  async function seen(what: string): Promise<number> {
    return (await jsonOf("/seen"))[what] ?? 0;
  }

  const isFetch = name === "fetch" || name === "workerd";

  test("the request is the client's", async () => {
    const request = await jsonOf("/request/a%2Fb?x=%20+", [
      // "café" in UTF-8.
      ["X-Name", "caf\xc3\xa9"],
      ["Cookie", "a=1; b=2"],
    ]);
    expect(new URL(request.url).pathname).toBe("/request/a%2Fb");
    expect(new URL(request.url).search).toBe("?x=%20+");
    expect(request).toMatchObject({
      // A header is text on workerd and bytes elsewhere.
      name: name === "workerd" ? "café" : "caf\xc3\xa9",
      cookie: "a=1; b=2",
      native: isFetch,
    });
  });

  test("a request that middleware has changed is a new one", async () => {
    const request = await jsonOf("/changed/request/a", [["X-Name", "caf\xc3\xa9"]]);
    expect(new URL(request.url).pathname).toBe("/request/a");
    expect(request).toMatchObject({
      name: name === "workerd" ? "café" : "caf\xc3\xa9",
      native: false,
    });
  });

  test("c.env is the platform's, with environ in it", async () => {
    const wanted: Record<string, object> = {
      fetch: { keys: ["environ"], native: false },
      workerd: { keys: ["MOUNT", "environ"], mount: "bound", native: true },
      node: { keys: ["environ", "incoming", "outgoing"], http: "1.1", native: false },
      lambda: {
        keys: ["environ", "event", "lambdaContext", "requestContext"],
        address: "127.0.0.1",
        request: "string",
        native: false,
      },
    };
    expect(await jsonOf("/bindings")).toMatchObject(wanted[name] ?? {});
  });

  test("c.executionCtx.waitUntil keeps work alive after the response", async () => {
    const before = await seen("afterwards");
    expect(await textOf(await target.send({ path: "/afterwards" }))).toBe("first");
    await until(async () => (await seen("afterwards")) === before + 1);
  });

  test.each(["/text", "/changed/text"])("%s has its length, bytes and cookies", async (path) => {
    const response = await target.send({ path });
    expect([response.status, await textOf(response)]).toEqual([200, "größe"]);
    expect(header(response, "content-type")).toEqual(["text/plain; charset=UTF-8"]);
    expect(header(response, "set-cookie")).toEqual(["a=1", "b=2"]);
    // As one writes it: bytes are Latin-1 where a header is bytes, and UTF-8 where it is text.
    expect(header(response, "x-name")).toEqual([
      { fetch: "caf\xe9", node: "caf\xe9" }[name] ?? "caf\xc3\xa9",
    ]);
    if (name !== "fetch") {
      expect(header(response, "content-length")).toEqual(["7"]);
    }
  });

  test.each(["/wide", "/changed/wide"])(
    "%s: a header beyond Latin-1 is text or nothing",
    async (path) => {
      const response = await target.send({ path });
      const values = [response.status, header(response, "x-wide")];
      // Elsewhere it is refused by Headers themselves.
      expect(values).toEqual(name === "workerd" ? [200, ["\xc5\x82\xc3\xb3d\xc5\xba"]] : [500, []]);
    },
  );

  test.each(["/echo", "/changed/echo"])("POST %s sends the body back", async (path) => {
    const body = Buffer.from("a body\n".repeat(1000));
    expect(await bytesOf(await target.send({ method: "POST", path, body }))).toEqual(body);
  });

  test("a body is counted as it arrives", async () => {
    const body = (async function* () {
      for (let index = 0; index < 20; index++) {
        yield new Uint8Array(100_000);
      }
    })();
    const response = await target.send({ method: "POST", path: "/changed/count", body });
    expect(await textOf(response)).toBe("2000000");
  });

  test("HEAD has the length of GET, and no body", async () => {
    const response = await target.send({ method: "HEAD", path: "/text" });
    expect([response.status, (await bytesOf(response)).length]).toEqual([200, 0]);
  });

  test("a page that is not there is Hono's own 404", async () => {
    const response = await target.send({ path: "/nowhere" });
    expect([response.status, await textOf(response)]).toEqual([404, "404 Not Found"]);
  });

  // Lambda waits for the whole response, and does not tell that a client has left.
  if (name !== "lambda") {
    test.each(["/echo", "/changed/echo"])("%s answers while it is asked", async (path) => {
      let resume = (): void => {};
      const echoed = new Promise<void>((resolve) => {
        resume = resolve;
      });
      const body = (async function* () {
        yield Buffer.from("first,");
        // The rest is made only after this much has come back.
        await echoed;
        yield Buffer.from("second");
      })();
      const response = await target.send({ method: "POST", path, body });
      let received = "";
      for await (const chunk of response.chunks) {
        received += Buffer.from(chunk).toString();
        resume();
      }
      expect(received).toBe("first,second");
    });

    test("headers leave before there is a chunk", async () => {
      const response = await target.send({ path: "/quiet" });
      expect(response.status).toBe(200);
      response.leave();
    });

    test.each(["/endless", "/changed/endless"])(
      "%s is cancelled once when the client leaves, and the signal aborts",
      async (path) => {
        const before = [await seen("cancelled"), await seen("aborted")].map((count) => count + 1);
        const response = await target.send({ path });
        for await (const chunk of response.chunks) {
          expect(chunk.length).toBeGreaterThan(0);
          break;
        }
        response.leave();
        await until(async () => (await seen("cancelled")) >= (before[0] ?? 0));
        await until(async () => (await seen("aborted")) >= (before[1] ?? 0));
        expect([await seen("cancelled"), await seen("aborted")]).toEqual(before);
      },
    );
  }
});
