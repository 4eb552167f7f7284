import { type AsgiApplication, fromAsgi, toAsgi } from "dram/asgi";
import { type ServeOptions, serve } from "dram/node";
import { describe, expect, test } from "vitest";
import { exchange, get, listening } from "../node/helpers.ts";
import { plain } from "../node/sockets.ts";
import { until } from "../targets/target.ts";
import { bytes, makeLog, request, serverOf } from "./helpers.ts";

/** An application that writes down what it is called for, with a lifespan of this kind. */
function application(
  events: string[],
  lifespan: AsgiApplication = async (_scope, receive, send) => {
    events.push((await receive()).type);
    await send({ type: "lifespan.startup.complete" });
    events.push((await receive()).type);
    await send({ type: "lifespan.shutdown.complete" });
  },
): AsgiApplication {
  return async (scope, receive, send) => {
    if (scope.type === "lifespan") {
      return lifespan(scope, receive, send);
    }
    events.push(scope.type);
    await send({ type: "http.response.start", status: 200 });
    await send({ type: "http.response.body", body: bytes(JSON.stringify(scope.state ?? null)) });
  };
}

describe("serve", () => {
  test("starts the application before it listens, and shuts it down after the last response", async () => {
    const events: string[] = [];
    const server = await listening(fromAsgi(application(events)));
    expect(events).toEqual(["lifespan.startup"]);
    await exchange(server.port, get("/"));
    await exchange(server.port, get("/"));
    await server.close();
    expect(events).toEqual(["lifespan.startup", "http", "http", "lifespan.shutdown"]);
  });

  test("takes the lifespan from the option asgi, too", async () => {
    const events: string[] = [];
    const server = await listening(plain, { asgi: fromAsgi(application(events)) });
    await exchange(server.port, get("/"));
    await server.close();
    expect(events).toEqual(["lifespan.startup", "lifespan.shutdown"]);
  });

  test("does not listen if the startup fails", async () => {
    const failing = application([], async (_scope, receive, send) => {
      await receive();
      await send({ type: "lifespan.startup.failed", message: "no database" });
    });
    await expect(serve(fromAsgi(failing), { port: 0 })).rejects.toMatchObject({
      code: "ERR_LIFESPAN",
      message: 'the startup of the application failed: "no database"',
    });
  });

  test("shuts the application down again if it cannot listen", async () => {
    const events: string[] = [];
    const options: ServeOptions = { path: "/no/such/folder/socket" };
    await expect(serve(fromAsgi(application(events)), options)).rejects.toMatchObject({
      code: "ERR_OPTION",
    });
    expect(events).toEqual(["lifespan.startup", "lifespan.shutdown"]);
  });

  test("logs a shutdown that fails, and stops all the same", async () => {
    const failing = application([], async (_scope, receive, send) => {
      await receive();
      await send({ type: "lifespan.startup.complete" });
      await receive();
      await send({ type: "lifespan.shutdown.failed", message: "still busy" });
    });
    const server = await listening(fromAsgi(failing));
    await server.close();
    expect(server.log).toEqual([
      'dram: the application did not shut down well: ERR_LIFESPAN: the shutdown of the application failed: "still busy"',
    ]);
  });

  test("does not wait for ever for a shutdown", async () => {
    const hanging = application([], async (_scope, receive, send) => {
      await receive();
      await send({ type: "lifespan.startup.complete" });
      await new Promise(() => {});
    });
    const server = await listening(fromAsgi(hanging), { graceTime: 50 });
    await server.close();
  });
});

describe("without a start of the platform", () => {
  test("the first requests wait for one startup", async () => {
    const events: string[] = [];
    const wrapped = fromAsgi(application(events));
    await Promise.all([request(wrapped), request(wrapped), request(wrapped)]);
    expect(events).toEqual(["lifespan.startup", "http", "http", "http"]);
  });

  test("requests are answered 500 while the startup fails, and it is tried again", async () => {
    let attempts = 0;
    const wrapped = fromAsgi(
      application([], async (_scope, receive, send) => {
        await receive();
        attempts++;
        await send(
          attempts === 1
            ? { type: "lifespan.startup.failed", message: "no database" }
            : { type: "lifespan.startup.complete" },
        );
      }),
    );
    const first = await request(wrapped);
    expect(first.response.status).toBe(500);
    expect(first.lines[0]).toMatch(/ERR_LIFESPAN: the startup of the application failed/);
    expect((await request(wrapped)).response.status).toBe(200);
    expect(attempts).toBe(2);
  });
});

describe("the state", () => {
  test("is what the startup has left, a copy for each request", async () => {
    const states: unknown[] = [];
    const wrapped = fromAsgi(async (scope, receive, send) => {
      if (scope.type === "lifespan") {
        Object.assign(scope.state ?? {}, { pool: { size: 1 } });
        await receive();
        await send({ type: "lifespan.startup.complete" });
        await receive();
        return;
      }
      const { state = {} } = scope;
      states.push({ ...state });
      state.mine = true;
      await send({ type: "http.response.start", status: 200 });
      await send({ type: "http.response.body" });
    });
    await request(wrapped);
    await request(wrapped);
    expect(states).toEqual([{ pool: { size: 1 } }, { pool: { size: 1 } }]);
    expect(states[0]).toHaveProperty("pool");
  });

  test("is absent without a lifespan", async () => {
    const wrapped = fromAsgi(
      application([], async () => {
        throw new Error("no lifespan");
      }),
    );
    expect(await (await request(wrapped)).response.text()).toBe("null");
  });
});

describe("an application that raises for the lifespan", () => {
  const raising = application([], async () => {
    throw new Error("no lifespan");
  });

  test("has none, and is served", async () => {
    expect((await request(fromAsgi(raising))).response.status).toBe(200);
  });

  test("is not served with lifespan: on", async () => {
    const wrapped = fromAsgi(raising, { lifespan: "on" });
    await expect(serve(wrapped, { port: 0 })).rejects.toMatchObject({
      code: "ERR_LIFESPAN",
      cause: new Error("no lifespan"),
    });
  });

  test("is not asked with lifespan: off", async () => {
    const events: string[] = [];
    const wrapped = fromAsgi(application(events), { lifespan: "off" });
    await request(wrapped);
    expect(events).toEqual(["http"]);
  });
});

test("a lifespan that fails while the application serves is logged", async () => {
  const { errors, lines } = makeLog();
  const wrapped = fromAsgi(
    application([], async (_scope, receive, send) => {
      await receive();
      await send({ type: "lifespan.startup.complete" });
      throw new Error("ticker failed");
    }),
    { errors },
  );
  await request(wrapped);
  await until(() => lines.length === 1);
  expect(lines[0]).toMatch(/^dram: the lifespan of the application failed: Error: ticker failed/);
});

test.each([
  [{ type: "lifespan.shutdown.complete" }, /wanted "lifespan\.startup\.complete" or/],
  [{ type: "http.response.start" }, /wanted "lifespan\.startup\.complete" or/],
  [{ type: "lifespan.startup.failed", message: 3 }, /message is a number; wanted a string/],
])("raises for %j", async (event, message) => {
  let raised: unknown;
  await request(
    fromAsgi(
      application([], async (_scope, receive, send) => {
        await receive();
        await send(event as never).catch((error: unknown) => {
          raised = error;
        });
        await send({ type: "lifespan.startup.complete" });
      }),
    ),
  );
  expect(raised).toMatchObject({ code: "ERR_ASGI_EVENT", message: expect.stringMatching(message) });
});

describe("toAsgi", () => {
  const scope = { type: "lifespan", asgi: { version: "3.0" }, state: {} } as const;

  test("answers the lifespan of a server for an application without one", async () => {
    const { sent, done } = serverOf(toAsgi(plain), scope, [
      { type: "lifespan.startup" },
      { type: "lifespan.shutdown" },
    ]);
    await done;
    expect(sent).toEqual([
      { type: "lifespan.startup.complete" },
      { type: "lifespan.shutdown.complete" },
    ]);
  });

  test("hands it on to one with a lifespan", async () => {
    const events: string[] = [];
    const { sent, done } = serverOf(toAsgi(fromAsgi(application(events))), scope, [
      { type: "lifespan.startup" },
      { type: "lifespan.shutdown" },
    ]);
    await done;
    expect(events).toEqual(["lifespan.startup", "lifespan.shutdown"]);
    expect(sent).toHaveLength(2);
  });

  test("tells a server that the startup has failed", async () => {
    const failing = application([], async (_scope, receive, send) => {
      await receive();
      await send({ type: "lifespan.startup.failed", message: "no database" });
    });
    const { sent, done } = serverOf(toAsgi(fromAsgi(failing)), scope, [
      { type: "lifespan.startup" },
    ]);
    await done;
    expect(sent).toEqual([
      {
        type: "lifespan.startup.failed",
        message: 'ERR_LIFESPAN: the startup of the application failed: "no database"',
      },
    ]);
  });
});
