import { type Application, type Environ, type GatewayOptions, mapBody } from "dram";
import { toFetch } from "dram/fetch";
import { lint } from "dram/lint";
import { describe, expect, test, vi } from "vitest";
import { Log } from "../core/helpers.ts";

const URL = "http://h.example/path?query";

/** What `dram.native_request` gives an application that does this with its environ first. */
async function asked(
  request: Request,
  change: (environ: Environ) => unknown = () => {},
  options: GatewayOptions = {},
): Promise<unknown> {
  let found: unknown;
  const handle = toFetch(
    async (environ, startResponse) => {
      const changed = (await change(environ)) ?? environ;
      found = environ["dram.native_request"]?.(changed as Environ);
      startResponse("200 OK", []);
      return [];
    },
    { errors: new Log(), ...options },
  );
  await handle(request);
  return found;
}

function post(): Request {
  return new Request(URL, { method: "POST", body: "a body", headers: { "x-a": "1", x_b: "2" } });
}

describe("dram.native_request", () => {
  test("is the Request itself, body and all", async () => {
    const request = post();
    expect(await asked(request)).toBe(request);
  });

  test.each<[string, (environ: Environ) => unknown]>([
    ["for a copy of environ", (environ) => ({ ...environ })],
    ["with keys of the application's own", (environ) => Object.assign(environ, { "app.user": 1 })],
    ["with another log", (environ) => Object.assign(environ, { "wsgi.errors": new Log() })],
  ])("is the Request %s", async (_what, change) => {
    const request = post();
    expect(await asked(request, change)).toBe(request);
  });

  test.each<[string, (environ: Environ) => unknown]>([
    ["another path", (environ) => Object.assign(environ, { PATH_INFO: "/other" })],
    ["another mount", (environ) => Object.assign(environ, { SCRIPT_NAME: "/m" })],
    ["another method", (environ) => Object.assign(environ, { REQUEST_METHOD: "PUT" })],
    ["a header more", (environ) => Object.assign(environ, { HTTP_X_NEW: "1" })],
    ["a header less", (environ) => void delete environ.HTTP_X_A],
    ["another header", (environ) => Object.assign(environ, { HTTP_X_A: "2" })],
    [
      "a header for another",
      (environ) => {
        delete environ.HTTP_X_A;
        environ.HTTP_X_C = "1";
      },
    ],
    ["a user", (environ) => Object.assign(environ, { REMOTE_USER: "somebody" })],
    ["another scheme", (environ) => Object.assign(environ, { "wsgi.url_scheme": "https" })],
    ["another body", (environ) => ({ ...environ, "wsgi.input": { ...environ["wsgi.input"] } })],
    ["another signal", (environ) => ({ ...environ, "dram.signal": new AbortController().signal })],
    [
      "a body that somebody else reads",
      (environ) => void (environ["fetch.request"] as Request).body?.getReader(),
    ],
    ["a body that was read", (environ) => environ["wsgi.input"].read(1).then(() => undefined)],
  ])("is undefined with %s", async (_what, change) => {
    expect(await asked(post(), change)).toBeUndefined();
  });

  test("is undefined if the deployer says what the Request does not", async () => {
    const options = { environ: { HTTP_X_A: "deployed" } };
    expect(await asked(post(), undefined, options)).toBeUndefined();
  });

  test("is the Request if the deployer adds what no request has", async () => {
    const request = post();
    expect(await asked(request, undefined, { environ: { "app.mode": "test" } })).toBe(request);
  });

  test("looks at the headers of the Request once, for environ", async () => {
    const request = post();
    const looks = vi.spyOn(request.headers, "forEach");
    expect(await asked(request)).toBe(request);
    expect(looks).toHaveBeenCalledTimes(1);
  });

  test("writes nothing to the log", async () => {
    const errors = new Log();
    await asked(post(), undefined, { errors });
    expect(errors.writes).toEqual([expect.stringContaining('"x_b"')]);
  });
});

/** Answers with a `Response`, said as it is. */
function answering(response: Response): Application {
  return (environ, startResponse) => {
    const status = `${response.status} OK`;
    const headers = [...response.headers];
    const { body = new ReadableStream<Uint8Array>() } = { body: response.body ?? undefined };
    const native = environ["dram.native_response"]?.(response, { status, headers, body });
    startResponse(status, headers);
    return native ?? [];
  };
}

describe("dram.native_response", () => {
  const get = () => new Request(URL);

  test("is sent as it is", async () => {
    const response = new Response("as it is");
    expect(await toFetch(answering(response))(get())).toBe(response);
  });

  test("is sent with the headers that middleware has added, its stream untouched", async () => {
    const response = new Response("its stream", { headers: { "x-a": "1" } });
    const inner = answering(response);
    const sent = await toFetch((environ, startResponse) =>
      inner(environ, (status, headers) => {
        headers.push(["X-Added", "1"]);
        return startResponse(status, headers);
      }),
    )(get());
    expect(sent).not.toBe(response);
    expect([...sent.headers]).toEqual([
      ["content-type", "text/plain;charset=UTF-8"],
      ["x-a", "1"],
      ["x-added", "1"],
    ]);
    expect(sent.body).toBe(response.body);
    expect(await sent.text()).toBe("its stream");
  });

  test("is sent with another status", async () => {
    const inner = answering(new Response("missing"));
    const sent = await toFetch((environ, startResponse) =>
      inner(environ, (_status, headers) => startResponse("404 Not Found", headers)),
    )(get());
    expect([sent.status, await sent.text()]).toEqual([404, "missing"]);
  });

  test("is counted against another Content-Length", async () => {
    const inner = answering(new Response("0123456789"));
    const sent = await toFetch((environ, startResponse) =>
      inner(environ, (status) => startResponse(status, [["Content-Length", "4"]])),
    )(get());
    expect(await sent.text()).toBe("0123");
  });

  test("is an ordinary body to middleware", async () => {
    const inner = answering(new Response("quiet"));
    const upper = (chunk: Uint8Array) => Buffer.from(Buffer.from(chunk).toString().toUpperCase());
    const sent = await toFetch((environ, startResponse) =>
      mapBody(inner(environ, startResponse), upper),
    )(get());
    expect(await sent.text()).toBe("QUIET");
  });

  test("is an ordinary body to lint", async () => {
    const sent = await toFetch(lint(answering(new Response("linted"))))(get());
    expect(await sent.text()).toBe("linted");
  });

  test("is an ordinary body once somebody has given it a close", async () => {
    const inner = answering(new Response("closed"));
    let closed = 0;
    const sent = await toFetch(async (environ, startResponse) =>
      Object.assign(await inner(environ, startResponse), {
        close() {
          closed++;
        },
      }),
    )(get());
    expect(await sent.text()).toBe("closed");
    expect(closed).toBe(1);
  });

  test("is not sent to HEAD", async () => {
    const sent = await toFetch(answering(new Response("nobody reads this")))(
      new Request(URL, { method: "HEAD" }),
    );
    expect(sent.body).toBeNull();
  });

  test("of another kind is not taken", async () => {
    let found: unknown = "not asked";
    const handle = toFetch((environ, startResponse) => {
      startResponse("200 OK", []);
      const body = {
        async *[Symbol.asyncIterator]() {
          yield Buffer.from("the body");
        },
      };
      const said = { status: "200 OK", headers: [], body };
      found = environ["dram.native_response"]?.({ status: 200 }, said);
      return [];
    });
    await handle(get());
    expect(found).toBeUndefined();
  });

  test("ends the lines of the log", async () => {
    const errors = new Log();
    const inner = answering(new Response("logged"));
    const handle = toFetch(
      (environ, startResponse) => {
        environ["wsgi.errors"].write("without an end");
        return inner(environ, startResponse);
      },
      { errors },
    );
    await handle(get());
    expect(errors.writes).toEqual(["without an end\n"]);
  });
});
