import { type Application, type Environ, text } from "dram";
import { LintError } from "dram/lint";
import { type ClientInit, type ClientOptions, client } from "dram/test";
import { describe, expect, test } from "vitest";
import { coded, idle, latin1 } from "../core/helpers.ts";

const PLAIN: [string, string] = ["Content-Type", "text/plain; charset=utf-8"];

const hello: Application = (environ, startResponse) => {
  startResponse("200 OK", [PLAIN]);
  return text(`${environ.REQUEST_METHOD} ${environ.PATH_INFO}`);
};

/** The environ that the application gets for a request. */
async function environOf(
  to: Parameters<ReturnType<typeof client>["fetch"]>[0],
  init: ClientInit = {},
  options: ClientOptions = {},
): Promise<Environ> {
  let found: Environ | undefined;
  const application: Application = async (environ, startResponse) => {
    const body = await environ["wsgi.input"].read();
    found = { ...environ, body: Buffer.from(body).toString() };
    startResponse("204 No Content", []);
    return [];
  };
  await client(application, options).fetch(to, init);
  if (found === undefined) {
    throw new Error("the application was not called");
  }
  return found;
}

describe("a response", () => {
  test("is a standard one, with status, reason and headers", async () => {
    const application: Application = (_environ, startResponse) => {
      startResponse("201 Made", [PLAIN, ["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"]]);
      return text("größe");
    };
    const response = await client(application).get("/");
    expect(response).toBeInstanceOf(Response);
    expect([response.status, response.statusText]).toEqual([201, "Made"]);
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(await response.text()).toBe("größe");
  });

  test("streams: each chunk is made when it is asked for", async () => {
    let made = 0;
    const application: Application = (_environ, startResponse) => {
      startResponse("200 OK", [PLAIN]);
      return (async function* () {
        for (;;) {
          yield latin1(`${++made}`);
        }
      })();
    };
    const reader = (await client(application).get("/")).body?.getReader();
    expect(made).toBe(1);
    expect((await reader?.read())?.value).toEqual(latin1("1"));
    expect((await reader?.read())?.value).toEqual(latin1("2"));
    await idle();
    expect(made).toBe(2);
    await reader?.cancel();
  });
});

describe("a request", () => {
  test.each([
    ["get", "GET"],
    ["head", "HEAD"],
    ["post", "POST"],
    ["put", "PUT"],
    ["patch", "PATCH"],
    ["delete", "DELETE"],
  ] as const)("%s sends %s", async (name, method) => {
    let sent = "";
    const application: Application = (environ, startResponse) => {
      sent = environ.REQUEST_METHOD;
      startResponse("204 No Content", []);
      return [];
    };
    await client(application)[name]("/");
    expect(sent).toBe(method);
  });

  test("to a path goes to the base URL", async () => {
    expect(
      await environOf("/a%20b?x=1", {}, { baseUrl: "https://shop.example:8443" }),
    ).toMatchObject({
      "wsgi.url_scheme": "https",
      HTTP_HOST: "shop.example:8443",
      SERVER_NAME: "shop.example",
      SERVER_PORT: "8443",
      PATH_INFO: "/a b",
      QUERY_STRING: "x=1",
      REMOTE_ADDR: "127.0.0.1",
    });
  });

  test("to a path of two slashes has no other host", async () => {
    expect(await environOf("//evil.example/x")).toMatchObject({
      HTTP_HOST: "localhost",
      PATH_INFO: "//evil.example/x",
    });
  });

  test("to a relative URL is resolved", async () => {
    const options = { baseUrl: "http://h.example/app/page" };
    expect(await environOf("next", {}, options)).toMatchObject({ PATH_INFO: "/app/next" });
  });

  test("to a URL names its own host", async () => {
    expect(await environOf("http://other.example/")).toMatchObject({ HTTP_HOST: "other.example" });
    expect(await environOf(new URL("http://other.example/"))).toMatchObject({
      HTTP_HOST: "other.example",
    });
  });

  test("may be a Request", async () => {
    const request = new Request("http://h.example/x", {
      method: "PUT",
      body: "a body",
      headers: { "x-a": "1" },
    });
    expect(await environOf(request)).toMatchObject({
      REQUEST_METHOD: "PUT",
      HTTP_X_A: "1",
      body: "a body",
    });
  });

  test.each<[string, NonNullable<ClientInit["body"]>, string, string]>([
    ["text", "häh", "text/plain;charset=UTF-8", "4"],
    ["bytes", latin1("abc") as Uint8Array<ArrayBuffer>, "", "3"],
    [
      "a form",
      new URLSearchParams({ a: "1" }),
      "application/x-www-form-urlencoded;charset=UTF-8",
      "3",
    ],
  ])("with %s has type and length", async (_what, body, type, length) => {
    const environ = await environOf("/", { method: "POST", body });
    expect([environ.CONTENT_TYPE ?? "", environ.CONTENT_LENGTH]).toEqual([type, length]);
  });

  test("with an upload is multipart", async () => {
    const body = new FormData();
    body.append("file", new File(["content"], "a.txt", { type: "text/plain" }));
    const environ = await environOf("/", { method: "POST", body });
    expect(environ.CONTENT_TYPE).toMatch(/^multipart\/form-data; boundary=/);
    expect(environ.body).toContain('filename="a.txt"');
    expect(Number(environ.CONTENT_LENGTH)).toBe(String(environ.body).length);
  });

  test("without a body says so with POST, and says nothing with GET", async () => {
    expect((await environOf("/", { method: "POST" })).CONTENT_LENGTH).toBe("0");
    expect((await environOf("/")).CONTENT_LENGTH).toBeUndefined();
  });

  test("with a stream has no length, and is read as it comes", async () => {
    const body = ReadableStream.from([latin1("a "), latin1("stream")]);
    const environ = await environOf("/", { method: "POST", body });
    expect([environ.CONTENT_LENGTH, environ.body]).toEqual([undefined, "a stream"]);
  });

  test("can be answered before it is complete", async () => {
    const application: Application = (environ, startResponse) => {
      startResponse("200 OK", [PLAIN]);
      return (async function* () {
        const input = environ["wsgi.input"];
        for (let some = await input.read1?.(); some?.length; some = await input.read1?.()) {
          yield some;
        }
      })();
    };
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    writer.write(latin1("first"));
    const response = await client(application).post("/", { body: readable });
    const reader = response.body?.getReader();
    expect((await reader?.read())?.value).toEqual(latin1("first"));
    writer.write(latin1("second"));
    expect((await reader?.read())?.value).toEqual(latin1("second"));
    await writer.close();
    expect((await reader?.read())?.done).toBe(true);
  });

  test("has the client's headers, unless it has its own", async () => {
    const options = { headers: { "X-A": "client", "X-B": "client" } };
    expect(await environOf("/", { headers: { "X-A": "own" } }, options)).toMatchObject({
      HTTP_X_A: "own",
      HTTP_X_B: "client",
    });
  });

  test("has what the caller wants in its environ", async () => {
    const environ = { REMOTE_ADDR: "192.0.2.1", PATH_INFO: "/a/../b", "app.mode": "test" };
    expect(
      await environOf("/", { environ }, { environ: { "app.mode": "client", "app.other": 1 } }),
    ).toMatchObject({ ...environ, "app.other": 1 });
  });

  test("goes to where the application is mounted", async () => {
    const options = { scriptName: "/shop" };
    expect(await environOf("/shop/cart", {}, options)).toMatchObject({
      SCRIPT_NAME: "/shop",
      PATH_INFO: "/cart",
    });
    expect((await client(hello, options).get("/other")).status).toBe(404);
  });
});

describe("an application that fails", () => {
  const failure = new Error("own");

  const failing: Record<string, Application> = {
    throws() {
      throw failure;
    },
    rejects: () => Promise.reject(failure),
    "throws after startResponse"(_environ, startResponse) {
      startResponse("200 OK", [PLAIN]);
      throw failure;
    },
    "throws in its first step"(_environ, startResponse) {
      startResponse("200 OK", [PLAIN]);
      return {
        // biome-ignore lint/correctness/useYield: it fails before.
        async *[Symbol.asyncIterator]() {
          throw failure;
        },
      };
    },
  };

  test.each(Object.entries(failing))("%s: the call rejects with its error", async (_how, app) => {
    await expect(client(app).get("/")).rejects.toBe(failure);
  });

  test.each(Object.entries(failing))("%s: or gets the 500 of a client", async (_how, app) => {
    const { get, log, close } = client(app, { onError: "respond" });
    const response = await get("/");
    expect([response.status, await response.text()]).toEqual([500, "Internal Server Error\n"]);
    expect(log).toEqual([expect.stringContaining("Error: own")]);
    await close();
  });

  test("after its headers breaks the body, with its error", async () => {
    const { get, close } = client((_environ, startResponse) => {
      startResponse("200 OK", [PLAIN]);
      return (async function* () {
        yield latin1("part");
        throw failure;
      })();
    });
    const response = await get("/");
    await expect(response.text()).rejects.toBe(failure);
    await close();
  });

  test("to call startResponse is told so", async () => {
    await expect(client(() => [], { lint: false }).get("/")).rejects.toThrow(
      coded("ERR_NOT_STARTED"),
    );
  });

  test("to catch what is the client's fault leaves the gateway to answer", async () => {
    const reading: Application = async (environ, startResponse) => {
      await environ["wsgi.input"].read();
      return hello(environ, startResponse);
    };
    const { post } = client(reading, { maxBodySize: 3 });
    const body = ReadableStream.from([latin1("abcd")]);
    expect((await post("/", { body })).status).toBe(413);
  });

  test("while it closes its body is told at the end", async () => {
    const { get, close } = client((_environ, startResponse) => {
      startResponse("200 OK", [PLAIN]);
      return Object.assign([latin1("closed")], {
        close() {
          throw failure;
        },
      });
    });
    expect(await (await get("/")).text()).toBe("closed");
    await expect(close()).rejects.toBe(failure);
    await close();
  });

  test("after the response is told at the end", async () => {
    const { get, close, log } = client((environ, startResponse) => {
      environ["dram.wait_until"]?.(idle().then(() => Promise.reject(failure)));
      return hello(environ, startResponse);
    });
    expect(await (await get("/")).text()).toBe("GET /");
    await expect(close()).rejects.toBe(failure);
    expect(log).toEqual([expect.stringContaining("a promise given to dram.wait_until rejected")]);
  });
});

describe("lint", () => {
  const wrong: Application = (_environ, startResponse) => {
    startResponse("200 OK", [["Content-Length", 5 as never]]);
    return text("12345");
  };

  test("is on: a breach rejects the call, and names the rule", async () => {
    await expect(client(wrong).get("/")).rejects.toThrow(LintError);
    await expect(client(wrong).get("/")).rejects.toThrow(/^L48 \(application\)/);
  });

  test("sees what goes wrong while the body is read", async () => {
    const { get } = client((_environ, startResponse) => {
      startResponse("200 OK", [PLAIN, ["Content-Length", "9"]]);
      return (async function* () {
        yield latin1("short");
      })();
    });
    await expect((await get("/")).text()).rejects.toThrow(/^L62 /);
  });

  test("can be turned off", async () => {
    await expect(client(wrong, { lint: false }).get("/")).rejects.toThrow(
      coded("ERR_HEADER_VALUE"),
    );
  });

  test("warns in the log", async () => {
    const { get, log } = client(async (_environ, startResponse) => {
      await startResponse("200 OK", [PLAIN])(latin1("written"));
      return [];
    });
    await get("/");
    expect(log).toEqual([expect.stringMatching(/^dram: lint: L86 /)]);
  });

  test("runs its stress mode, and tells what it has found", async () => {
    let user = "";
    const { get, close } = client(
      async (environ, startResponse) => {
        user = environ.HTTP_AUTHORIZATION ?? "";
        await idle();
        startResponse("200 OK", [PLAIN]);
        return [latin1(user)];
      },
      { lint: { stress: true } },
    );
    await get("/", { headers: { Authorization: "somebody" } });
    await expect(close()).rejects.toThrow(/^A1 /);
  });
});

describe("the log", () => {
  test("is what the application has written, a line each", async () => {
    const { get, log } = client((environ, startResponse) => {
      environ["wsgi.errors"].write("one\ntwo\nthree");
      return hello(environ, startResponse);
    });
    await get("/");
    expect(log).toEqual(["one", "two", "three"]);
  });
});

describe("a signal", () => {
  test("that is aborted rejects the call, and is dram.signal", async () => {
    const controller = new AbortController();
    const reason = new Error("no longer wanted");
    let aborted = false;
    const waiting: Application = (environ) =>
      new Promise(() => {
        environ["dram.signal"]?.addEventListener("abort", () => {
          aborted = true;
        });
        controller.abort(reason);
      });
    const { signal } = controller;
    await expect(client(waiting).get("/", { signal })).rejects.toBe(reason);
    expect(aborted).toBe(true);
  });

  test("that is aborted before is not sent", async () => {
    const signal = AbortSignal.abort(new Error("too late"));
    await expect(client(hello).get("/", { signal })).rejects.toThrow("too late");
  });

  test("that is aborted later breaks the body, which is closed", async () => {
    const controller = new AbortController();
    let closed = 0;
    const { get } = client((_environ, startResponse) => {
      startResponse("200 OK", [PLAIN]);
      return {
        async *[Symbol.asyncIterator]() {
          yield latin1("first");
          await new Promise(() => {});
        },
        close() {
          closed++;
        },
      };
    });
    const { signal } = controller;
    const reader = (await get("/", { signal })).body?.getReader();
    await reader?.read();
    const rest = reader?.read();
    controller.abort(new Error("enough"));
    await expect(rest).rejects.toThrow("enough");
    await idle();
    expect(closed).toBe(1);
  });
});

describe("close", () => {
  test("leaves what is under way, and waits until it is closed", async () => {
    const steps: string[] = [];
    const { get, close } = client((_environ, startResponse) => {
      startResponse("200 OK", [PLAIN]);
      return {
        async *[Symbol.asyncIterator]() {
          yield latin1("first");
          yield latin1("second");
        },
        async close() {
          steps.push("closing");
          await idle();
          steps.push("closed");
        },
      };
    });
    await get("/");
    await close();
    expect(steps).toEqual(["closing", "closed"]);
  });

  test("waits for what was given to dram.wait_until", async () => {
    let done = false;
    const { get, close } = client((environ, startResponse) => {
      environ["dram.wait_until"]?.(
        idle().then(() => {
          done = true;
        }),
      );
      return hello(environ, startResponse);
    });
    await get("/");
    await close();
    expect(done).toBe(true);
  });

  test("is the end of the client", async () => {
    const { get, close } = client(hello);
    await close();
    await expect(get("/")).rejects.toThrow(coded("ERR_ABORTED"));
  });
});

test("a malformed option is refused at once", () => {
  expect(() => client(hello, { scriptName: "shop" })).toThrow(coded("ERR_OPTION"));
  expect(() => client(hello, { baseUrl: "nowhere" })).toThrow(/Invalid URL/);
});
