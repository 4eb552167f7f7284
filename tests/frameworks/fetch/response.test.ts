import { runInNewContext } from "node:vm";
import { type Environ, type GatewayResponse, isStream, run } from "dram";
import { toFetch } from "dram/fetch";
import { type FetchHandler, fromFetch, sendResponse } from "dram/from/fetch";
import { lint } from "dram/lint";
import { describe, expect, test } from "vitest";
import {
  environOf,
  gateway,
  idle,
  Log,
  latin1,
  native,
  unhandledRejectionsOf,
} from "../../core/helpers.ts";

const log = new Log();

/** What `run` makes of a handler on a gateway that knows nothing of Fetch. */
async function answer(
  handler: FetchHandler,
  changes: Partial<Environ> = {},
): Promise<GatewayResponse> {
  log.writes.length = 0;
  const made = gateway({ errors: log });
  return run(fromFetch(handler), Object.assign(environOf({ gateway: made }), changes), made);
}

function responding(...parameters: ConstructorParameters<typeof Response>) {
  return answer(() => new Response(...parameters));
}

/** A response that is pulled from, and what has happened to it. */
function stream(chunks: readonly unknown[], wait: () => Promise<unknown> = idle) {
  const seen = { pulls: 0, cancels: 0 };
  const rest = [...chunks];
  const body = new ReadableStream(
    {
      async pull(controller) {
        seen.pulls++;
        await wait();
        if (rest.length === 0) {
          controller.close();
        } else {
          controller.enqueue(rest.shift());
        }
      },
      cancel() {
        seen.cancels++;
      },
    },
    { highWaterMark: 0 },
  );
  return { seen, response: () => new Response(body) };
}

async function allOf({ body }: GatewayResponse): Promise<string> {
  if (!isStream(body)) {
    throw new Error("the body is no stream");
  }
  let all = "";
  for (let chunk = await body.next(); chunk !== null; chunk = await body.next()) {
    all += native(chunk);
  }
  return all;
}

describe("the head", () => {
  test.each([
    [{}, 200, "OK"],
    [{ status: 201 }, 201, "Created"],
    [{ status: 299 }, 299, ""],
    [{ status: 200, statusText: "Froody" }, 200, "Froody"],
    [{ status: 200, statusText: "a\tb" }, 200, "a b"],
    [{ status: 404 }, 404, "Not Found"],
  ])("%j: %i %s", async (init, status, reason) => {
    const response = await responding("", init);
    expect([response.status, response.reason]).toEqual([status, reason]);
  });

  test("keeps cookies apart and in order, and joins what else is repeated", async () => {
    const headers = new Headers([
      ["Set-Cookie", "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT"],
      ["X-A", "1"],
      ["Set-Cookie", "b=2"],
      ["X-A", "2"],
    ]);
    const response = await responding(null, { headers });
    expect(response.headers).toEqual([
      ["x-a", "1, 2"],
      ["set-cookie", "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT"],
      ["set-cookie", "b=2"],
    ]);
  });

  test("has bytes above 0x7F as they are", async () => {
    const response = await responding(null, { headers: { "X-Name": "caf\xc3\xa9 \xe9" } });
    expect(response.headers[0]).toEqual(["x-name", "caf\xc3\xa9 \xe9"]);
  });

  test("leaves out what belongs to the connection", async () => {
    const headers = { Connection: "keep-alive", "Transfer-Encoding": "chunked", "X-A": "1" };
    expect((await responding("", { headers })).headers.map(([name]) => name)).toEqual([
      "content-type",
      "x-a",
    ]);
  });

  test("of a redirect", async () => {
    const response = await answer(() => Response.redirect("http://h.example/next", 303));
    expect(response.status).toBe(303);
    expect(response.headers[0]).toEqual(["location", "http://h.example/next"]);
  });

  test.each([204, 205, 304])("%i has no body", async (status) => {
    expect((await responding(null, { status })).body).toBeNull();
  });

  test("a header that nobody may send is a 500, and its stream is cancelled", async () => {
    const { seen, response } = stream(["never"]);
    const sent = await answer(() => {
      const made = response();
      made.headers.set("X-Bell", "\x07");
      return made;
    });
    expect(sent.status).toBe(500);
    expect(log.writes).toEqual([expect.stringContaining("ERR_HEADER_VALUE")]);
    expect(seen.cancels).toBe(1);
  });

  test("is that of sendResponse, for authors", () => {
    const calls: unknown[] = [];
    const body = sendResponse(new Response(null, { status: 404 }), (...parameters) => {
      calls.push(parameters);
      return async () => {};
    });
    expect(calls).toEqual([["404 Not Found", []]]);
    expect(body).toEqual([]);
  });
});

test("a Response that is handed through is not opened", async () => {
  const response = new Response("as it is");
  Object.defineProperty(response, "body", {
    get() {
      throw new Error("opened");
    },
  });
  expect(await toFetch(fromFetch(() => response))(new Request("http://h.example/"))).toBe(response);
});

describe("a body that is there", () => {
  test.each<[string, () => ConstructorParameters<typeof Response>[0], string]>([
    ["a string", () => "hällo", "h\xc3\xa4llo"],
    ["bytes", () => latin1("hello") as Uint8Array<ArrayBuffer>, "hello"],
    ["a form", () => new URLSearchParams({ a: "b c" }), "a=b+c"],
    [
      "a stream of one chunk, closed",
      () =>
        new ReadableStream({
          start(controller) {
            controller.enqueue(latin1("all"));
            controller.close();
          },
        }),
      "all",
    ],
  ])("%s is sent with its length", async (_what, body, wanted) => {
    const response = await responding(body());
    expect(response.length).toBe(wanted.length);
    expect(response.body).toEqual([latin1(wanted)]);
  });

  test("JSON is sent with its length", async () => {
    const response = await answer(async () => Response.json({ a: 1 }));
    expect([response.length, response.body]).toEqual([7, [latin1('{"a":1}')]]);
  });

  test("nothing is sent with the length 0", async () => {
    expect((await responding("")).length).toBe(0);
    expect((await responding(null)).length).toBe(0);
  });

  test("HEAD has the length that GET has, and no body", async () => {
    const response = await answer(() => new Response("hello"), { REQUEST_METHOD: "HEAD" });
    expect([response.length, response.body]).toEqual([5, null]);
  });
});

describe("a stream", () => {
  test("arrives whole and in order", async () => {
    const { response } = stream(["a", "b", "c"].map(latin1));
    expect(await allOf(await answer(response))).toBe("abc");
  });

  test("has its headers sent before it says anything", async () => {
    const { seen, response } = stream([latin1("late")], () => new Promise(() => {}));
    const sent = await answer(response);
    expect([sent.status, isStream(sent.body), seen.pulls]).toEqual([200, true, 1]);
  });

  test("is pulled once for each chunk that is asked for", async () => {
    const { seen, response } = stream(["a", "b", "c", "d"].map(latin1));
    const { body } = await answer(response);
    await idle();
    expect(seen.pulls).toBe(1);
    expect(isStream(body) && (await body.next())).toEqual(latin1("a"));
    await idle();
    expect(seen.pulls).toBe(1);
    expect(isStream(body) && (await body.next())).toEqual(latin1("b"));
    expect(seen.pulls).toBe(2);
  });

  test("whose first chunk is there is asked for a second one, and no more", async () => {
    const { seen, response } = stream(["a", "b", "c", "d"].map(latin1), async () => {});
    const sent = await answer(response);
    await idle();
    expect(seen.pulls).toBe(2);
    expect(await allOf(sent)).toBe("abcd");
  });

  test("is cancelled once when the client leaves", async () => {
    const { seen, response } = stream(["a", "b", "c"].map(latin1));
    const { body } = await answer(response);
    if (isStream(body)) {
      await body.next();
      body.cancel();
      body.cancel();
    }
    await idle();
    expect(seen.cancels).toBe(1);
  });

  test("is cancelled while a chunk is waited for", async () => {
    const { seen, response } = stream([], () => new Promise(() => {}));
    const { body } = await answer(response);
    if (isStream(body)) {
      const waiting = body.next();
      body.cancel();
      expect(await waiting).toBeNull();
    }
    await idle();
    expect(seen.cancels).toBe(1);
  });

  test("is cancelled, not read, for HEAD", async () => {
    const { seen, response } = stream(["a", "b"].map(latin1));
    const sent = await answer(response, { REQUEST_METHOD: "HEAD" });
    await idle();
    expect([sent.body, seen.cancels]).toEqual([null, 1]);
  });

  test("is not cancelled at its end", async () => {
    const { seen, response } = stream([latin1("a")]);
    await allOf(await answer(response));
    await idle();
    expect(seen.cancels).toBe(0);
  });

  test("of strings is refused, and cancelled", async () => {
    const { seen, response } = stream(["text"]);
    await expect(answer(response).then(allOf)).rejects.toThrow(/a string where bytes/);
    await idle();
    expect(seen.cancels).toBe(1);
    expect(log.writes).toHaveLength(1);
  });

  test("that fails breaks the response with its own error, logged once", async () => {
    const failure = new Error("out of paper");
    let step = 0;
    const failing = () =>
      new Response(
        new ReadableStream({
          async pull(controller) {
            await idle();
            step++ === 0 ? controller.enqueue(latin1("part")) : controller.error(failure);
          },
        }),
      );
    const { body } = await answer(failing);
    expect(isStream(body) && (await body.next())).toEqual(latin1("part"));
    await expect(isStream(body) && body.next()).rejects.toBe(failure);
    await idle();
    expect(log.writes).toEqual([expect.stringContaining("out of paper")]);
  });

  test("that has failed already leaves no rejection behind", async () => {
    const failed = () =>
      new Response(
        new ReadableStream({
          start(controller) {
            controller.error(new Error("from the start"));
          },
        }),
      );
    const unhandled = await unhandledRejectionsOf(() => answer(failed));
    expect(unhandled).toEqual([]);
  });

  test("is cancelled where a middleware cannot send its headers", async () => {
    const { seen, response } = stream([latin1("a")]);
    const failure = new Error("not now");
    const answered = fromFetch(response)(environOf(), () => () => Promise.reject(failure));
    await expect(answered).rejects.toBe(failure);
    await idle();
    expect(seen.cancels).toBe(1);
  });

  test("is cancelled if the client has left before the handler answered", async () => {
    const { seen, response } = stream([latin1("a")]);
    const controller = new AbortController();
    await answer(
      async () => {
        controller.abort();
        return response();
      },
      { "dram.signal": controller.signal },
    ).then(({ body }) => isStream(body) && body.cancel());
    await idle();
    expect(seen.cancels).toBe(1);
  });
});

describe("a handler", () => {
  test.each([
    ["undefined", undefined, "undefined"],
    ["null", null, "null"],
    ["a string", "hello", "a string"],
  ])("that answers with %s is told so, and the client gets a 500", async (_what, given, named) => {
    const response = await answer(() => given as never);
    expect(response.status).toBe(500);
    expect(log.writes[0]).toContain(`the handler answered with ${named}; wanted a Response`);
  });

  test("that answers with a Response which was read is told so", async () => {
    const response = await answer(async () => {
      const made = new Response("read");
      await made.text();
      return made;
    });
    expect(response.status).toBe(500);
    expect(log.writes[0]).toContain("a Response that was read");
  });

  test("that answers with a Response which somebody else reads is a 500", async () => {
    const response = await answer(() => {
      const made = new Response("locked");
      made.body?.getReader();
      return made;
    });
    expect([response.status, log.writes]).toEqual([500, [expect.stringContaining("locked")]]);
  });

  test.each([
    ["rejects", () => Promise.reject(new Error("own"))],
    [
      "throws",
      () => {
        throw new Error("own");
      },
    ],
  ])("that %s is a 500, logged once", async (_what, handler) => {
    expect((await answer(handler)).status).toBe(500);
    expect(log.writes).toEqual([expect.stringContaining("Error: own")]);
  });

  test("that answers with Response.error() is a 500", async () => {
    expect((await answer(() => Response.error())).status).toBe(500);
  });

  test("may answer with a promise of another realm", async () => {
    const { resolve } = runInNewContext("({ resolve: (value) => Promise.resolve(value) })");
    expect((await answer(() => resolve(new Response("later")))).body).toEqual([latin1("later")]);
  });

  test("keeps the rules", async () => {
    const { response } = stream(["a", "b"].map(latin1));
    const warnings: unknown[] = [];
    const linted = lint(fromFetch(response), {
      onWarning: (finding) => warnings.push(finding.message),
    });
    const sent = await run(linted, environOf(), gateway({ errors: log }));
    expect(await allOf(sent)).toBe("ab");
    // A Response made of a stream has no Content-Type.
    expect(warnings).toEqual([expect.stringContaining("L58")]);
  });
});
