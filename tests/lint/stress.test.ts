import { type Application, closing, type Environ, type Middleware, serialize, text } from "dram";
import { toFetch } from "dram/fetch";
import { type Finding, LintError, lint, stressed } from "dram/lint";
import { expect, test } from "vitest";
import { environOf, idle, Log, latin1, native, unhandledRejectionsOf } from "../core/helpers.ts";
import { exchange, found } from "./helpers.ts";

const PLAIN: [string, string] = ["Content-Type", "text/plain"];
const stress = true;

const steady: Application = async (environ, startResponse) => {
  const body = await environ["wsgi.input"].read();
  await idle();
  startResponse("200 OK", [PLAIN]);
  return [latin1(`${environ.PATH_INFO} `), body];
};

test("nothing is found in a right application, and its answer is the same", async () => {
  const request = { stress, method: "POST", body: ["one ", "two"], headers: { X: "1" } };
  const answered = await exchange(steady, request);
  expect(answered).toMatchObject({ found: [], status: 200, body: "/x one two", lines: [] });
});

test("a synchronous application answers at once", async () => {
  const linted = lint(
    (_environ, startResponse) => {
      startResponse("200 OK", [PLAIN]);
      return text("a");
    },
    { stress },
  );
  expect(toFetch(linted)(new Request("http://h/"))).toBeInstanceOf(Response);
  await stressed(linted);
});

test("A1 what a module keeps of one request and gives to another", async () => {
  let user = "";
  const application: Application = async (environ, startResponse) => {
    user = environ.HTTP_AUTHORIZATION ?? "";
    await idle();
    startResponse("200 OK", [PLAIN]);
    return [latin1(`Hello, ${user}`)];
  };
  const request = { stress, headers: { Authorization: "somebody" } };
  expect(await found(application, request)).toEqual(["error A1 application"]);
});

test("A1 what is kept for one path, and seen in a header", async () => {
  let path = "";
  const application: Application = async (environ, startResponse) => {
    path = environ.PATH_INFO;
    await idle();
    startResponse("200 OK", [PLAIN, ["Content-Location", path]]);
    return [];
  };
  expect(await found(application, { stress })).toEqual(["error A1 application"]);
});

test("A1 an application that cannot be called while it answers", async () => {
  let busy = false;
  const application: Application = async (_environ, startResponse) => {
    if (busy) {
      throw new Error("busy");
    }
    busy = true;
    await idle();
    busy = false;
    startResponse("200 OK", [PLAIN]);
    return [latin1("a")];
  };
  expect(await found(application, { stress })).toEqual(["error A1 application"]);
});

test("A1 one body for all requests", async () => {
  const body = (function* () {
    yield latin1("a");
  })();
  const application: Application = (_environ, startResponse) => {
    startResponse("200 OK", [PLAIN]);
    return body;
  };
  expect(await found(application, { stress })).toEqual(["error A1 application"]);
});

test("A1 two equal requests that are mixed up", async () => {
  let parts: string[] = [];
  const application: Application = async (_environ, startResponse) => {
    parts = [];
    for (const part of ["a", "b"]) {
      parts.push(part);
      await idle();
    }
    startResponse("200 OK", [PLAIN]);
    const body = [latin1(parts.join(""))];
    parts = [];
    return body;
  };
  expect(await found(application, { stress })).toEqual(["error A1 application"]);
});

test("an application that answers differently each time is let be", async () => {
  let count = 0;
  const application: Application = async (_environ, startResponse) => {
    const mine = ++count;
    await idle();
    startResponse("200 OK", [PLAIN]);
    return [latin1(`visitor ${mine}`)];
  };
  expect(await found(application, { stress })).toEqual([]);
});

test("A9 a header that is used without a fallback", async () => {
  const application: Application = (environ, startResponse) => {
    const language = environ.HTTP_ACCEPT_LANGUAGE as string;
    startResponse("200 OK", [PLAIN]);
    return [latin1(language.toLowerCase())];
  };
  const request = { stress, headers: { "Accept-Language": "de" } };
  expect(await found(application, request)).toEqual(["error A9 application"]);
  expect(
    await found(
      (environ, startResponse) =>
        application({ HTTP_ACCEPT_LANGUAGE: "", ...environ }, startResponse),
      request,
    ),
  ).toEqual([]);
});

test("A9 an extension that is used without a look", async () => {
  const application: Application = (environ, startResponse) => {
    startResponse("200 OK", [PLAIN]);
    const wait = environ["dram.wait_until"] as (promise: Promise<unknown>) => void;
    wait(Promise.resolve());
    return [latin1("a")];
  };
  expect(await found(application, { stress })).toEqual(["error A9 application"]);
});

test("A8 a body that has to be exhausted", async () => {
  const application: Application = (_environ, startResponse) => {
    startResponse("200 OK", [PLAIN]);
    let exhausted = false;
    return {
      *[Symbol.iterator]() {
        yield latin1("a");
        yield latin1("b");
        exhausted = true;
      },
      close() {
        if (!exhausted) {
          throw new Error("closed too early");
        }
      },
    };
  };
  expect(await found(application, { stress })).toEqual(["error A8 application"]);
});

test("A8 a connection that only the end of the body gives back", async () => {
  let free = 1;
  const application: Application = async function* (_environ, startResponse) {
    if (free === 0) {
      throw new Error("no connection is free");
    }
    free--;
    startResponse("200 OK", [PLAIN]);
    yield latin1("a");
    yield latin1("b");
    free++;
  };
  expect(await found(serialize(application), { stress })).toEqual(["error A8 application"]);
});

test("M7 a middleware that reads environ after the call, with lint on both sides", async () => {
  const between: Middleware = (application) => async (environ, startResponse) => {
    const body = await application(environ, startResponse);
    const path: string | undefined = environ.PATH_INFO;
    return closing(body, () => void path);
  };
  expect(await found(steady, { stress, between })).toEqual(["error M7 middleware"]);
});

test("S5 nobody sees anything of environ after the application has returned", async () => {
  const findings: Finding[] = [];
  const linted = lint(steady, { stress, onWarning: (finding) => findings.push(finding) });
  const seen: unknown[] = [];
  const handle = toFetch(async (environ, startResponse) => {
    const body = await linted(environ, startResponse);
    seen.push(Object.keys(environ), { ...environ }, environ.PATH_INFO);
    environ.PATH_INFO = "/again";
    seen.push(environ.PATH_INFO);
    return body;
  });
  const response = await handle(new Request("http://h/"));
  expect(seen).toEqual([[], {}, undefined, "/again"]);
  expect(await response.text()).toBe("/ ");
  expect(findings.map(({ message }) => message)).toEqual([
    "S5 (gateway): environ.PATH_INFO was read after the application had returned; keep what is needed before the application is called",
  ]);
});

test("the gateway of core answers as ever from an environ that was emptied", async () => {
  const throwing = lint(
    async (_environ, startResponse) => {
      startResponse("200 OK", [PLAIN]);
      return (async function* () {
        yield latin1("a");
        throw new Error("oops");
      })();
    },
    { stress, onWarning() {} },
  );
  const errors = new Log();
  const response = await toFetch(throwing, { errors })(new Request("http://h/path"));
  await expect(response.text()).rejects.toThrow("oops");
  expect(errors.writes).toEqual([expect.stringMatching(/^dram: GET \/path: Error: oops/)]);
});

test("stressed throws the first finding, once", async () => {
  let path = "";
  const linted = lint(
    async (environ, startResponse) => {
      path = environ.PATH_INFO;
      await idle();
      startResponse("200 OK", [PLAIN]);
      return [latin1(path)];
    },
    { stress, onWarning() {} },
  );
  await (await toFetch(linted)(new Request("http://h/"))).text();
  const failure = stressed(linted);
  await expect(failure).rejects.toBeInstanceOf(LintError);
  await expect(failure).rejects.toMatchObject({ rule: "A1" });
  await stressed(linted);
});

test("without onWarning a finding is a line in the log", async () => {
  const errors = new Log();
  const linted = lint(
    (environ: Environ, startResponse) => {
      startResponse("200 OK", [PLAIN]);
      return [latin1((environ.HTTP_X as string).trim())];
    },
    { stress },
  );
  await toFetch(linted, { errors })(new Request("http://h/", { headers: { X: "1" } }));
  await expect(stressed(linted)).rejects.toMatchObject({ rule: "A9" });
  expect(errors.writes).toEqual([
    expect.stringMatching(/^dram: lint: A9 \(application\): .*TypeError/),
  ]);
});

test("what the application logs is logged once", async () => {
  const errors = new Log();
  const linted = lint(
    (environ, startResponse) => {
      environ["wsgi.errors"].write("called\n");
      startResponse("200 OK", [PLAIN]);
      return [latin1("a")];
    },
    { stress },
  );
  await toFetch(linted, { errors })(new Request("http://h/"));
  await stressed(linted);
  expect(errors.writes).toEqual(["called\n"]);
});

test("a body without an end is given up", async () => {
  const endless: Application = (environ, startResponse) => {
    startResponse("200 OK", [PLAIN]);
    const stop = environ["dram.signal"];
    return (async function* () {
      while (!stop?.aborted) {
        yield latin1("a");
      }
    })();
  };
  const client = new AbortController();
  const linted = lint(endless, { stress, onWarning() {} });
  const response = await toFetch(linted)(new Request("http://h/", { signal: client.signal }));
  await response.body?.getReader().read();
  await stressed(linted);
  client.abort();
});

test("a request body over the bound is read, and not compared", async () => {
  const application: Application = async (environ, startResponse) => {
    const body = await environ["wsgi.input"].read();
    startResponse("200 OK", [PLAIN]);
    return [latin1(String(body.length))];
  };
  const body = ["a".repeat(1_048_577)];
  const answered = await exchange(application, { stress, method: "POST", body });
  expect(answered).toMatchObject({ body: "1048577", found: [], lines: [] });
});

test("an application that fails leaves nothing unhandled, and nothing more is said", async () => {
  const errors = new Log();
  const linted = lint(() => Promise.reject(new Error("oops")), { stress });
  const left = await unhandledRejectionsOf(() =>
    toFetch(linted, { errors })(new Request("http://h/")),
  );
  await stressed(linted);
  expect(left).toEqual([]);
  expect(errors.writes).toEqual([expect.stringMatching(/^dram: GET \/: Error: oops/)]);
});

test("A1 what is kept only by the requests that come to the same path", async () => {
  let user = "";
  const application: Application = async (environ, startResponse) => {
    if (environ.PATH_INFO !== "/x") {
      startResponse("404 Not Found", []);
      return [];
    }
    user = environ.HTTP_COOKIE ?? "";
    await idle();
    startResponse("200 OK", [PLAIN]);
    return [latin1(user)];
  };
  const request = { stress, headers: { Cookie: "user=me" } };
  expect(await found(application, request)).toEqual(["error A1 application"]);
});

test("A1 a run that reads a request body which the real one leaves alone comes to its end", async () => {
  let calls = 0;
  const application: Application = async (environ, startResponse) => {
    if (++calls === 2) {
      await environ["wsgi.input"].read();
      throw new Error("the second one");
    }
    startResponse("200 OK", [PLAIN]);
    return [latin1("a")];
  };
  const request = { stress, method: "POST", body: ["a"] };
  expect(await found(application, request)).toEqual(["error A1 application"]);
});

test("an application that takes a failed read for an empty body is not compared beyond the bound", async () => {
  const application: Application = async (environ, startResponse) => {
    const body = await environ["wsgi.input"].read().catch(() => latin1(""));
    startResponse("200 OK", [PLAIN]);
    return [latin1(String(body.length))];
  };
  const body = ["a".repeat(1_048_577)];
  expect(await found(application, { stress, method: "POST", body })).toEqual([]);
});

test("what an application does to the bytes it has read is its own affair", async () => {
  const seen: string[] = [];
  const application: Application = async (environ, startResponse) => {
    const body = await environ["wsgi.input"].read();
    seen.push(native(body));
    const answer = body.slice();
    body.fill(0);
    startResponse("200 OK", [PLAIN]);
    return [answer];
  };
  expect(await found(application, { stress, method: "POST", body: ["abc"] })).toEqual([]);
  expect(seen).toEqual(Array(8).fill("abc"));
});

test("every way of reading the request body is replayed", async () => {
  const application: Application = async (environ, startResponse) => {
    const input = environ["wsgi.input"];
    const parts = [await input.read(1), await input.readline(), ...(await input.readlines(1))];
    for await (const line of input) {
      parts.push(line);
    }
    await idle();
    startResponse("200 OK", [PLAIN]);
    return parts.length === 4 ? parts : [latin1(`${parts.length} parts`)];
  };
  const request = { stress, method: "POST", body: ["one\ntw", "o\nthree"] };
  const answered = await exchange(application, request);
  expect(answered).toMatchObject({ found: [], body: "one\ntwo\nthree" });
});

test("a read that nobody awaits and that fails leaves no unhandled rejection", async () => {
  const environ = environOf({
    body: { read: () => Promise.reject(new Error("oops")), cancel() {} },
  });
  const linted = lint(
    (own, startResponse) => {
      own["wsgi.input"].read();
      startResponse("200 OK", [PLAIN]);
      return [];
    },
    { stress, onWarning() {} },
  );
  const left = await unhandledRejectionsOf(() => linted(environ, () => async () => {}));
  await stressed(linted);
  expect(left).toEqual([]);
});

test("a run that is given up is closed", async () => {
  let open = 0;
  const application: Application = (_environ, startResponse) => {
    startResponse("200 OK", [PLAIN]);
    const gate = Promise.withResolvers<void>();
    open++;
    return {
      async *[Symbol.asyncIterator]() {
        yield latin1("a");
        await gate.promise;
      },
      close() {
        open--;
        gate.resolve();
      },
    };
  };
  const linted = lint(application, { stress, onWarning() {} });
  const response = await toFetch(linted)(new Request("http://h/"));
  await response.body?.cancel();
  await stressed(linted);
  await expect.poll(() => open).toBe(0);
});

test.each(["QUERY_STRING", "REMOTE_USER"])("A1 what is kept of %s for one path", async (key) => {
  let kept = "";
  const application: Application = async (environ, startResponse) => {
    if (environ.PATH_INFO !== "/x") {
      startResponse("404 Not Found", []);
      return [];
    }
    kept = String(environ[key] ?? "");
    await idle();
    startResponse("200 OK", [PLAIN]);
    return [latin1(kept)];
  };
  const options = { environ: { REMOTE_USER: "me" } };
  expect(await found(application, { stress, target: "/x?a=1", options })).toEqual([
    "error A1 application",
  ]);
});

test("a body that HEAD does not iterate is compared with none", async () => {
  const application: Application = async (environ, startResponse) => {
    await idle();
    startResponse("200 OK", [PLAIN]);
    return (function* () {
      if (environ.REQUEST_METHOD === "GET") {
        yield latin1("a");
      }
    })();
  };
  expect(await found(application, { stress, method: "HEAD" })).toEqual([]);
});

test("a client that leaves makes no difference of its own", async () => {
  const application: Application = (_environ, startResponse) => {
    startResponse("200 OK", [PLAIN]);
    return (async function* () {
      yield latin1("a");
      yield latin1("b");
    })();
  };
  const linted = lint(application, { stress, onWarning() {} });
  const response = await toFetch(linted)(new Request("http://h/"));
  await response.body?.cancel();
  await stressed(linted);
});

test("A8 a close that fails after a while, for the body was not exhausted", async () => {
  const application: Application = (_environ, startResponse) => {
    startResponse("200 OK", [PLAIN]);
    let exhausted = false;
    return {
      async *[Symbol.asyncIterator]() {
        yield latin1("a");
        yield latin1("b");
        exhausted = true;
      },
      async close() {
        await idle();
        await idle();
        if (!exhausted) {
          throw new Error("closed too early");
        }
      },
    };
  };
  expect(await found(application, { stress })).toEqual(["error A8 application"]);
});

test("S5 environ is empty after an application that has failed later, too", async () => {
  const environ = environOf();
  const linted = lint(() => Promise.reject(new Error("oops")), { stress, onWarning() {} });
  await expect(linted(environ, () => async () => {})).rejects.toThrow("oops");
  expect(Object.keys(environ)).toEqual([]);
  await stressed(linted);
});
