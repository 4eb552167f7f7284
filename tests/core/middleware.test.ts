import { type Application, type Body, closing, mapBody, serialize } from "dram";
import { toFetch } from "dram/fetch";
import { expect, test } from "vitest";

function unchanged(chunk: Uint8Array): Uint8Array {
  return chunk;
}

/** What JavaScript lets an application return, whatever the types say. */
function answering(body: unknown): Application {
  return (_environ, startResponse) => {
    startResponse("200 OK", []);
    return body as Body;
  };
}

const middlewares: readonly (readonly [string, (application: Application) => Application])[] = [
  [
    "closing",
    (application) =>
      async (...call) =>
        closing(await application(...call), () => {}),
  ],
  [
    "mapBody",
    (application) =>
      async (...call) =>
        mapBody(await application(...call), unchanged),
  ],
  ["serialize", serialize],
];

test.each(middlewares)(
  "S12 a ReadableStream behind %s is cancelled where it is not wanted",
  async (_name, middleware) => {
    for (const method of ["HEAD", "GET"]) {
      let cancelled = 0;
      const stream = new ReadableStream({
        cancel() {
          cancelled++;
        },
      });
      const application = middleware((_environ, startResponse) => {
        startResponse(method === "HEAD" ? "200 OK" : "304 Not Modified", []);
        return stream;
      });
      await toFetch(application)(new Request("http://localhost/", { method }));
      await expect.poll(() => cancelled).toBe(1);
    }
  },
);

test.each(
  middlewares.flatMap(([name, middleware]) =>
    ([undefined, "a string", new Uint8Array(1), new Response("x")] as const).map(
      (body) => [name, body, middleware] as const,
    ),
  ),
)("A3 behind %s, the log names the type of %o and the fix", async (_name, body, middleware) => {
  const lines: string[] = [];
  const errors = { write: (line: string) => lines.push(line), writelines() {}, flush() {} };
  const handle = toFetch(middleware(answering(body)), { errors });
  expect((await handle(new Request("http://localhost/"))).status).toBe(500);
  expect(lines).toEqual([
    expect.stringMatching(/^dram: GET \/: ERR_BODY_TYPE: the application returned \w/),
  ]);
});

test("S45 a body cut short by the signal is no whole one to whoever still reads it", async () => {
  const client = new AbortController();
  const step = Promise.withResolvers<void>();
  const handle = toFetch((_environ, startResponse) => {
    startResponse("200 OK", []);
    return (async function* () {
      yield new TextEncoder().encode("half");
      await step.promise;
    })();
  });
  const response = await handle(new Request("http://localhost/", { signal: client.signal }));
  const reading = response.text();
  client.abort();
  await expect(reading).rejects.toThrow("aborted");
  step.resolve();
});

test("S64 wsgi.file_wrapper names what is no file", async () => {
  const lines: string[] = [];
  const errors = { write: (line: string) => lines.push(line), writelines() {}, flush() {} };
  const handle = toFetch(
    (environ, startResponse) => {
      startResponse("200 OK", []);
      const wrap = environ["wsgi.file_wrapper"];
      return wrap?.(JSON.parse('"no file"')) ?? [];
    },
    { errors },
  );
  expect((await handle(new Request("http://localhost/"))).status).toBe(500);
  expect(lines[0]).toContain("ERR_BODY_TYPE: wsgi.file_wrapper was given a string");
});
