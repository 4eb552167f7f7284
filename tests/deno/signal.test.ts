import { type Application, text } from "dram";
import { toDeno } from "dram/deno";
import { expect, test } from "vitest";
import { Log } from "../core/helpers.ts";

const INFO = { remoteAddr: { transport: "tcp", hostname: "192.0.2.1", port: 1 } } as const;

/** A request whose signal tells whether it was asked for: Deno makes it then, and not for nothing. */
function watched(): { request: Request; leave(): void; wasAsked(): boolean } {
  const controller = new AbortController();
  let asked = false;
  const request = new Request("http://h.example/x");
  Object.defineProperty(request, "signal", {
    get() {
      asked = true;
      return controller.signal;
    },
  });
  return { request, leave: () => controller.abort(), wasAsked: () => asked };
}

const hello: Application = (_environ, startResponse) => {
  startResponse("200 OK", []);
  return text("hello");
};

/** A middleware that waits for what it wraps. */
const behind =
  (application: Application): Application =>
  async (environ, startResponse) =>
    await application(environ, startResponse);

async function* chunks(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode("hello");
}

test.each<[string, Application]>([
  ["answers at once", hello],
  ["is async, and waits for nothing", async (...call) => hello(...call)],
  ["is async behind three middlewares", behind(behind(behind(async (...call) => hello(...call))))],
  [
    "streams what is there",
    (_environ, startResponse) => {
      startResponse("200 OK", []);
      return chunks();
    },
  ],
])("an application that %s costs no signal of Deno's", async (_what, application) => {
  const { request, wasAsked } = watched();
  const response = await toDeno(application).fetch(request, INFO);
  expect(await response.text()).toBe("hello");
  expect(wasAsked()).toBe(false);
});

test("a client that leaves an application while it waits is noticed", async () => {
  const { request, leave, wasAsked } = watched();
  let signal: AbortSignal | undefined;
  const errors = new Log();
  const { fetch } = toDeno(
    async (environ) => {
      signal = environ["dram.signal"];
      return new Promise(() => {});
    },
    { errors },
  );
  const answer = fetch(request, INFO);
  await expect.poll(wasAsked).toBe(true);
  leave();
  expect((await answer).status).toBe(400);
  expect(signal?.reason).toMatchObject({ code: "ERR_CLIENT_DISCONNECTED" });
});
