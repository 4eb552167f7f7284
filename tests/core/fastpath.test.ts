import { createHook } from "node:async_hooks";
import { type Application, type Body, json, text } from "dram";
import { toFetch } from "dram/fetch";
import { expect, test } from "vitest";
import { answering, start } from "./exchangehelpers.ts";
import { idle, latin1 } from "./helpers.ts";

const ONE = latin1("hello");
const MANY = [latin1("he"), latin1("llo")];

/** Applications that answer at once. */
const AT_ONCE: [what: string, body: () => Body][] = [
  ["no chunk", () => []],
  ["one chunk", () => [ONE]],
  ["several chunks", () => MANY],
  ["text()", () => text("hello")],
  ["json()", () => json({ hello: true })],
];

test("the counter of promises counts promises", () => {
  expect(promisesDuring(() => {})).toBe(0);
  expect(promisesDuring(() => Promise.resolve())).toBe(1);
  expect(promisesDuring(async () => {})).toBe(1);
});

test.each(AT_ONCE)(
  "run answers an application that returns %s without a promise",
  (_what, body) => {
    const { response, waiting } = start(answering(body));
    expect(response).not.toBeInstanceOf(Promise);
    expect(response).toMatchObject({ status: 200 });
    expect(waiting).toEqual([]);
  },
);

test.each(AT_ONCE)("run makes no promise for an application that returns %s", (_what, body) => {
  const application = answering(body);
  start(application);
  expect(promisesDuring(() => start(application))).toBe(0);
});

test.each(AT_ONCE)(
  "run makes no promise for HEAD of an application that returns %s",
  (_what, body) => {
    const application = answering(body);
    start(application, { method: "HEAD" });
    expect(promisesDuring(() => start(application, { method: "HEAD" }))).toBe(0);
  },
);

test.each([
  ["throws", throwing],
  ["returns bad chunks", answering(() => ["a string"] as never)],
  ["gives too few bytes", withLength("10")],
  ["gives too many bytes", withLength("3")],
] satisfies [string, Application][])(
  "run makes no promise for an application that %s",
  (_what, application) => {
    expect(start(application).response).not.toBeInstanceOf(Promise);
    expect(promisesDuring(() => start(application))).toBe(0);
  },
);

test.each(AT_ONCE)(
  "toFetch answers an application that returns %s without a promise",
  (_what, body) => {
    const response = toFetch(answering(body))(request());
    expect(response).toBeInstanceOf(Response);
  },
);

test.each([
  ["no chunk", () => [], null],
  ["one chunk", () => [ONE], "hello"],
  ["several chunks", () => MANY, "hello"],
  ["text()", () => text("hello"), "hello"],
  ["json()", () => json({ hello: true }), "hello"],
] satisfies [string, () => Body, string | null][])(
  "toFetch makes no promise but the platform's for an application that returns %s",
  (_what, body, same) => {
    const handle = toFetch(answering(body));
    handle(request());
    const asked = request();
    const platform = promisesDuring(() => new Response(same));
    expect(promisesDuring(() => handle(asked))).toBe(platform);
  },
);

test("an array of chunks is handed over as the very array", () => {
  const chunks = [latin1("he"), latin1("llo")];
  const { response } = start(answering(chunks));
  expect(response).toMatchObject({ status: 200, length: 5 });
  expect(bodyOf(response)).toBe(chunks);
});

test("F30 chunks are handed over as the very objects", () => {
  const [first, second] = [latin1("he"), latin1("llo")];
  const body = bodyOf(start(answering([first, second])).response);
  expect(body).toEqual([first, second]);
  expect(body[0]).toBe(first);
  expect(body[1]).toBe(second);
});

test("an array whose length is announced is handed over as the very array", () => {
  const chunks = [latin1("he"), latin1("llo")];
  const { response } = start((_environ, startResponse) => {
    startResponse("200 OK", [["Content-Length", "5"]]);
    return chunks;
  });
  expect(bodyOf(response)).toBe(chunks);
});

test("a chunk that is cut at Content-Length shares its memory", () => {
  const chunk = latin1("hello");
  const { response } = start((_environ, startResponse) => {
    startResponse("200 OK", [["Content-Length", "3"]]);
    return [chunk];
  });
  const [cut] = bodyOf(response);
  expect(cut).toEqual(latin1("hel"));
  expect(cut instanceof Uint8Array && cut.buffer).toBe(chunk.buffer);
});

test("text() is handed over as a string", () => {
  const { response } = start(answering(text("gr\u00fc\u00dfe \ud83d\ude00")));
  expect(response).toMatchObject({
    status: 200,
    headers: [],
    length: undefined,
    body: "gr\u00fc\u00dfe \ud83d\ude00",
  });
});

test("json() is handed over as a string", () => {
  const { response } = start(answering(json({ a: [1, "\u00fc"] })));
  expect(response).toMatchObject({ body: '{"a":[1,"\u00fc"]}' });
});

test("the empty text is handed over as the empty string", () => {
  expect(start(answering(text(""))).response).toMatchObject({ status: 200, body: "" });
});

test("text() whose length is announced is sent as its UTF-8 bytes, cut there", () => {
  const { response } = start((_environ, startResponse) => {
    startResponse("200 OK", [["Content-Length", "3"]]);
    return text("\u00fc\u00fc");
  });
  expect(response).toMatchObject({ length: 3, body: [new Uint8Array([0xc3, 0xbc, 0xc3])] });
});

test("an application that awaits costs a promise, and no copy", async () => {
  const chunks = [latin1("he"), latin1("llo")];
  const { response } = start(async (_environ, startResponse) => {
    await idle();
    startResponse("200 OK", []);
    return chunks;
  });
  expect(response).toBeInstanceOf(Promise);
  expect(bodyOf(await response)).toBe(chunks);
});

test("text() that an application returns after awaiting is handed over as a string", async () => {
  const { response } = start(async (_environ, startResponse) => {
    await idle();
    startResponse("200 OK", []);
    return text("hello");
  });
  expect(await response).toMatchObject({ body: "hello" });
});

test("toFetch streams large chunks as the very objects, with their length", async () => {
  const chunks = [new Uint8Array(40_000).fill(1), new Uint8Array(40_000).fill(2)];
  const response = toFetch(answering(chunks))(request());
  expect(response).toBeInstanceOf(Response);
  const { headers, body } = await response;
  expect(headers.get("content-length")).toBe("80000");
  const reader = body?.getReader();
  expect((await reader?.read())?.value).toBe(chunks[0]);
  expect((await reader?.read())?.value).toBe(chunks[1]);
  expect(await reader?.read()).toEqual({ done: true, value: undefined });
});

test("toFetch streams what a generator yields as the very objects", async () => {
  const chunks = [latin1("a"), latin1("b")];
  const response = await toFetch(
    answering(function* () {
      yield* chunks;
    }),
  )(request());
  const reader = response.body?.getReader();
  expect((await reader?.read())?.value).toBe(chunks[0]);
  expect((await reader?.read())?.value).toBe(chunks[1]);
  expect(await reader?.read()).toEqual({ done: true, value: undefined });
});

test("toFetch gives a small array, text and json whole, without a Content-Type of its own", async () => {
  const bodies: string[] = [];
  for (const body of [[ONE], MANY, text("hello"), json({ hello: true })]) {
    const response = await toFetch(answering(body))(request());
    expect([...response.headers]).toEqual([]);
    bodies.push(await response.text());
  }
  expect(bodies).toEqual(["hello", "hello", "hello", '{"hello":true}']);
});

function request(): Request {
  return new Request("http://localhost/");
}

function throwing(): never {
  throw new Error("oops");
}

function withLength(length: string): Application {
  return (_environ, startResponse) => {
    startResponse("200 OK", [["Content-Length", length]]);
    return [latin1("hello")];
  };
}

/** The chunks of a complete response, as `run` hands them to an adapter. */
function bodyOf(response: ReturnType<typeof start>["response"]): readonly Uint8Array[] {
  if ("body" in response && Array.isArray(response.body)) {
    return response.body;
  }
  throw new Error("the response has no complete body in chunks");
}

/** How many promises are made, by anybody, before a call returns. */
function promisesDuring(call: () => unknown): number {
  let count = 0;
  const hook = createHook({
    init(_id, type) {
      if (type === "PROMISE") {
        count++;
      }
    },
  }).enable();
  try {
    call();
  } finally {
    hook.disable();
  }
  return count;
}
