import { type Application, DramError, type Middleware, text } from "dram";
import { toFetch } from "dram/fetch";
import { checkEnviron, LintError, lint } from "dram/lint";
import { describe, expect, test } from "vitest";
import { answer, anything, thrownBy, untyped } from "../core/exchangehelpers.ts";
import { environOf, Log, latin1 } from "../core/helpers.ts";
import { changed, found, logOf } from "./helpers.ts";

const PLAIN: [string, string] = ["Content-Type", "text/plain"];

const numeric = untyped((_environ, startResponse) => {
  startResponse("200 OK", [["Content-Length", 5]]);
  return [latin1("hello")];
});

const writing: Application = async (_environ, startResponse) => {
  await startResponse("200 OK", [PLAIN])(latin1("a"));
  return [];
};

describe("an error", () => {
  const error = thrownBy(() => lint(numeric)(environOf(), () => async () => {}));

  test("names the rule, the culprit, the value found and the fix", () => {
    expect(error).toMatchObject({
      name: "LintError",
      message:
        'L48 (application): the value of headers[0] is a number (5); write each as a string: ["Content-Length", "5"]',
    });
  });

  test("is a DramError of a stable code, with the finding", () => {
    expect(error).toBeInstanceOf(DramError);
    expect(error).toBeInstanceOf(LintError);
    expect(error).toMatchObject({
      code: "ERR_LINT",
      blame: "application",
      status: 500,
      rule: "L48",
      finding: {
        rule: "L48",
        level: "error",
        by: "application",
        text: "Header names and values are strings.",
        found: "the value of headers[0] is a number (5)",
        source: "PEP 3333, The start_response() Callable",
      },
    });
  });

  test("reaches the log through the gateway as one line", async () => {
    expect(await logOf(lint(numeric))).toEqual([
      'dram: GET /: ERR_LINT: L48 (application): the value of headers[0] is a number (5); write each as a string: ["Content-Length", "5"]\n',
    ]);
  });

  test("is thrown in startResponse, where the application is", async () => {
    const caught: unknown[] = [];
    const response = await answer(
      lint(
        untyped((_environ, startResponse) => {
          try {
            startResponse("200", []);
          } catch (thrown) {
            caught.push(thrown);
            startResponse("500 Oops", [PLAIN], thrown);
          }
          return [latin1("sorry")];
        }),
      ),
    );
    expect(caught).toEqual([expect.objectContaining({ rule: "L44" })]);
    expect(response).toMatchObject({ status: 500, reason: "Oops", body: "sorry" });
  });

  test("about environ is the gateway's to blame, and the application is not called", () => {
    let calls = 0;
    const linted = lint((_environ, startResponse) => {
      calls++;
      startResponse("200 OK", [PLAIN]);
      return [];
    });
    const thrown = thrownBy(() => linted(changed({ SERVER_PORT: 80 }), () => async () => {}));
    expect(thrown).toMatchObject({ rule: "L11", blame: "gateway" });
    expect(calls).toBe(0);
  });

  test("holds no control character of a key found", () => {
    const [finding] = checkEnviron(changed({ "A\r\nB": 5 }));
    expect(finding?.message).toMatch(/^L11 \(gateway\): environ\.A\\x0d\\x0aB is a number \(5\); /);
  });

  test("holds no control character of a value found", async () => {
    const [line] = await logOf(
      lint((_environ, startResponse) => {
        startResponse("200 OK\r\nX: y", []);
        return [];
      }),
    );
    expect(line).toMatch(/^[\x20-\x7e]+\n$/);
    expect(line).toContain('"200 OK\\r\\nX: y"');
  });
});

describe("a warning", () => {
  test("goes to wsgi.errors in one line, once for a rule", async () => {
    expect(await logOf(lint(writing), 3)).toEqual([
      "dram: lint: L86 (application): write was called; yield the chunks from an async generator\n",
    ]);
  });

  test("is told again by another lint", async () => {
    expect(await logOf(lint(writing))).toHaveLength(1);
    expect(await logOf(lint(writing))).toHaveLength(1);
  });

  test("goes to onWarning at each request, and not to the log", async () => {
    const rules: string[] = [];
    const linted = lint(writing, { onWarning: ({ rule }) => rules.push(rule) });
    expect(await logOf(linted, 2)).toEqual([]);
    expect(rules).toEqual(["L86", "L86"]);
  });

  test("is on a line of its own, whatever the application has left unfinished", async () => {
    const application: Application = async (environ, startResponse) => {
      environ["wsgi.errors"].write("unfinished");
      return writing(environ, startResponse);
    };
    expect(await logOf(lint(application))).toEqual([
      "unfinished\n",
      expect.stringMatching(/^dram: lint: L86 /),
    ]);
  });
});

describe("between two lints, the middleware is the culprit", () => {
  const right: Application = (_environ, startResponse) => {
    startResponse("200 OK", [PLAIN]);
    return (function* () {
      yield latin1("a");
    })();
  };

  test.each([
    [
      "of what it does to the response",
      (application) => (environ, startResponse) =>
        application(environ, (status, headers) =>
          startResponse(status, [...headers, ["Connection", "close"]]),
        ),
      "error L57 middleware",
    ],
    [
      "of what it does to environ",
      (application) => (environ, startResponse) =>
        application({ ...environ, SCRIPT_NAME: "app" }, startResponse),
      "error L16 middleware",
    ],
    [
      "of what it does to the arguments",
      (application) => (environ, startResponse) => {
        const body = application(environ, startResponse);
        return anything([...anything(body)].map(String));
      },
      "error L73 middleware",
    ],
    [
      "of iterating twice",
      (application) => async (environ, startResponse) => {
        const body = await application(environ, startResponse);
        return (async function* () {
          yield* body;
          yield* body;
        })();
      },
      "error L76 middleware",
    ],
  ] satisfies [string, Middleware, string][])("%s", async (_what, between, finding) => {
    expect(await found(right, { between })).toContain(finding);
  });

  test("of a fault in the application the application still is", async () => {
    const between: Middleware =
      (application) =>
      (...call) =>
        application(...call);
    expect(await found(numeric, { between })).toEqual(["error L48 application"]);
    expect(await found(writing, { between })).toEqual(["warning L86 application"]);
  });

  test("a middleware that answers itself is an application", async () => {
    const between: Middleware = () => numeric;
    expect(await found(right, { between })).toEqual(["error L48 application"]);
  });

  test("one application after another does not stand below the first", async () => {
    const between: Middleware = (application) => async (environ, startResponse) => {
      const first = await application({ ...environ }, () => async () => {});
      await first.close?.();
      return application(environ, startResponse);
    };
    const application: Application = (_environ, startResponse) => {
      startResponse("200 OK", [PLAIN]);
      return text("a");
    };
    expect(await found(application, { between })).toEqual([]);
  });
});

test("checkEnviron tells everything at once", () => {
  const findings = checkEnviron(
    changed({ SERVER_NAME: "", "wsgi.run_once": 1, CONTENT_LENGTH: 5 }),
  );
  expect(findings.map(({ rule, by }) => `${rule} ${by}`)).toEqual([
    "L11 gateway",
    "L22 gateway",
    "L28 gateway",
  ]);
});

test("checkEnviron finds nothing in what the gateway makes", async () => {
  const findings: unknown[] = [];
  const handle = toFetch(
    (environ, startResponse) => {
      findings.push(...checkEnviron(environ));
      startResponse("200 OK", [PLAIN]);
      return text("a");
    },
    { errors: new Log() },
  );
  for (const url of ["http://h/", "https://h:8443/a%20b?c=d", "http://[::1]:80/caf%C3%A9"]) {
    const response = await handle(new Request(url, { method: "POST", body: "a" }));
    expect(response.status).toBe(200);
  }
  expect(findings).toEqual([]);
});
