import { DramError, type GatewayResponse, refuse, run } from "dram";
import { describe, expect, test } from "vitest";
import { answering, RecordedBody } from "./exchangehelpers.ts";
import { coded, environOf, gateway, idle, Log, latin1 } from "./helpers.ts";

const DEADLINE = new DramError("ERR_DEADLINE", "the time is up");

/** The answer to a request whose signal aborts while the first chunk is awaited. */
async function abortedBy(
  reason: unknown,
): Promise<{ response: GatewayResponse; body: RecordedBody }> {
  const made = gateway();
  const environ = environOf({ gateway: made });
  const ending = new AbortController();
  environ["dram.signal"] = ending.signal;
  const body = new RecordedBody(() => new Promise(() => {}), latin1("never"));
  const response = run(answering(body), environ, made);
  await idle();
  ending.abort(reason);
  return { response: await response, body };
}

describe("F12 a gateway that ends a request by its signal", () => {
  test("answers with the error it gave as the reason", async () => {
    const { response } = await abortedBy(DEADLINE);
    expect([response.status, response.reason, response.body]).toEqual([
      504,
      "Gateway Timeout",
      "Gateway Timeout: the time is up\n",
    ]);
  });

  test("has the body closed once", async () => {
    const { body } = await abortedBy(DEADLINE);
    expect(body.events).toEqual(["close"]);
  });

  test("answers 503 when it stops", async () => {
    const { response } = await abortedBy(
      new DramError("ERR_ABORTED", "the process is told to end"),
    );
    expect([response.status, response.reason]).toEqual([503, "Service Unavailable"]);
  });

  test.each([undefined, "a reason", new Error("ERR_DEADLINE"), null])(
    "takes the reason %s for a client that has left",
    async (reason) => {
      const { response } = await abortedBy(reason);
      expect(response.status).toBe(400);
    },
  );
});

describe("a mount point of the platform's own", () => {
  test.each([
    ["/live/a%20b", "/live", "/a b"],
    ["/live/", "/live", "/"],
    ["/live", "/live", ""],
  ])("%s has the script name %s and the path %j", (target, script, path) => {
    const environ = environOf({ line: { target, mount: "/live" } });
    expect([environ.SCRIPT_NAME, environ.PATH_INFO]).toEqual([script, path]);
    expect(environ.REQUEST_URI).toBe(target);
  });

  test("comes before the deployer's", () => {
    const made = gateway({ scriptName: "/app" });
    const environ = environOf({ gateway: made, line: { target: "/live/app/x", mount: "/live" } });
    expect([environ.SCRIPT_NAME, environ.PATH_INFO]).toEqual(["/live/app", "/x"]);
  });

  test("does not take a path that only begins like it", () => {
    expect(() => environOf({ line: { target: "/lives/x", mount: "/live" } })).toThrow(
      coded("ERR_NOT_MOUNTED"),
    );
  });
});

describe("a log of one request", () => {
  test("gets what is written to wsgi.errors", () => {
    const [all, one] = [new Log(), new Log()];
    const environ = environOf({ gateway: gateway({ errors: all }), line: { errors: one } });
    environ["wsgi.errors"].write("a line\n");
    expect([all.writes, one.writes]).toEqual([[], ["a line\n"]]);
  });

  test("gets the line about a refused request", () => {
    const [all, one] = [new Log(), new Log()];
    refuse(new DramError("ERR_TARGET", "no slash"), gateway({ errors: all }), one);
    expect([all.writes, one.writes]).toEqual([
      [],
      ["dram: request refused: ERR_TARGET: no slash\n"],
    ]);
  });
});

test.each([
  ["ERR_TARGET", "client", 400],
  ["ERR_EVENT", "gateway", 500],
  ["ERR_OPTION", "gateway", 500],
  ["ERR_RESPONSE_TOO_LARGE", "gateway", 500],
  ["ERR_CHUNK_TYPE", "application", 500],
] as const)("%s blames the %s and is answered %i", (code, blame, status) => {
  const error = new DramError(code, "x");
  expect([error.blame, error.status]).toEqual([blame, status]);
});
