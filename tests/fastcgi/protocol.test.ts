import { json, text } from "dram";
import { describe, expect, test } from "vitest";
import {
  ABORT,
  BEGIN,
  begin,
  DATA,
  END,
  GET_VALUES,
  GET_VALUES_RESULT,
  get,
  PARAMS,
  pairs,
  record,
  request,
  STDERR,
  STDIN,
  STDOUT,
  stream,
  UNKNOWN_TYPE,
  variablesOf,
} from "../targets/fastcgi-client.ts";
import { until } from "../targets/target.ts";
import { bodyOf, bytes, echo, gate, listening, listeningToStderr, wire } from "./helpers.ts";

const hello = text("hello");

/** Says hello, and counts. */
async function greeting() {
  const calls: string[] = [];
  const server = await listening((environ, startResponse) => {
    calls.push(environ.PATH_INFO);
    startResponse("200 OK", [["Content-Type", "text/plain"]]);
    return hello;
  });
  return { ...server, calls };
}

describe("a request", () => {
  test("is answered in STDOUT records and ended", async () => {
    const { place } = await greeting();
    const client = await wire(place);
    client.send(get("/"));
    expect(await client.end()).toEqual({ appStatus: 0, protocolStatus: 0 });
    expect(client.stream(STDOUT)).toBe(
      "Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello",
    );
    expect(client.records.map(({ type, content }) => [type, content.length])).toEqual([
      [STDOUT, 68],
      [STDOUT, 0],
      [END, 8],
    ]);
  });

  test("small enough leaves in one write, records on boundaries of eight bytes", async () => {
    const { place } = await greeting();
    const client = await wire(place);
    client.send(get("/"));
    await client.end();
    expect(client.reads).toBe(1);
    expect(client.rest.length).toBe(0);
  });

  test("whose length is no multiple of eight is padded with zeros", async () => {
    const { place } = await listening((_environ, startResponse) => {
      startResponse("200 OK", []);
      return [bytes("1234")];
    });
    const client = await wire(place);
    const raw: Buffer[] = [];
    client.socket.on("data", (data: Buffer) => raw.push(data));
    client.send(get("/"));
    await client.end();
    const all = Buffer.concat(raw);
    const [content = 0, padding = 0] = [all.readUInt16BE(4), all[6]];
    expect((content + padding) % 8).toBe(0);
    expect(padding).toBeGreaterThan(0);
    expect(all.subarray(8 + content, 8 + content + padding)).toEqual(Buffer.alloc(padding));
  });

  test("of any size of records, padded or not, is read alike", async () => {
    const { place } = await listening(echo);
    const variables = variablesOf({
      path: "/a?b=c",
      method: "POST",
      body: bytes("x".repeat(3000)),
    });
    for (const size of [1, 7, 100, 65_535]) {
      const client = await wire(place);
      client.send(
        begin(1),
        stream(PARAMS, 1, pairs(variables), size),
        stream(STDIN, 1, bytes("x".repeat(3000)), size),
      );
      await client.end();
      const answer = JSON.parse(bodyOf(client.stream(STDOUT)));
      expect(answer).toMatchObject({
        PATH_INFO: "/a",
        QUERY_STRING: "b=c",
        body: "x".repeat(3000),
      });
    }
    const client = await wire(place);
    client.send(
      begin(1),
      record(PARAMS, 1, pairs(variables), 255),
      record(PARAMS, 1, "", 8),
      record(STDIN, 1, "x".repeat(3000), 1),
      record(STDIN, 1, "", 3),
    );
    expect(await client.end()).toEqual({ appStatus: 0, protocolStatus: 0 });
  });

  test("of STDIN is given on in the parts in which it comes", async () => {
    const { place } = await listening(async (environ, startResponse) => {
      const write = startResponse("200 OK", []);
      const first = await environ["wsgi.input"].read(2);
      await write(first);
      return [await environ["wsgi.input"].read()];
    });
    const client = await wire(place);
    const variables = variablesOf({
      path: "/",
      method: "POST",
      headers: [["Content-Length", "5"]],
    });
    const body = record(STDIN, 1, "abcde", 3);
    client.send(begin(1), stream(PARAMS, 1, pairs(variables)), body.subarray(0, 10));
    await until(() => client.stream(STDOUT).endsWith("ab"));
    client.send(body.subarray(10), record(STDIN, 1));
    await client.end();
    expect(bodyOf(client.stream(STDOUT))).toBe("abcde");
  });

  test.each<[string, Buffer[]]>([
    ["", [stream(STDIN, 3, bytes("abcde"))]],
    [", padded", [record(STDIN, 3, "abc", 5), record(STDIN, 3, "de", 6), record(STDIN, 3, "", 3)]],
  ])("split at every byte%s is the same request", async (_, body) => {
    const { place } = await listening(echo);
    const headers: [string, string][] = [
      ["Foo", "x".repeat(200)],
      ["Content-Length", "5"],
    ];
    const variables = variablesOf({ path: "/p", method: "POST", headers });
    const all = Buffer.concat([begin(3), stream(PARAMS, 3, pairs(variables)), ...body]);
    const whole = await wire(place);
    whole.send(all);
    await whole.end(3);
    expect(bodyOf(whole.stream(STDOUT, 3))).toContain('"body":"abcde"');
    const cuts = Array.from({ length: all.length - 1 }, (_, index) => index + 1);
    await Promise.all(
      cuts.map(async (at) => {
        const client = await wire(place);
        client.send(all.subarray(0, at));
        // Loopback delivers a write of its own as a read of its own, if it has been read before the next.
        await new Promise((resolve) => setImmediate(resolve));
        client.send(all.subarray(at));
        await client.end(3);
        expect(client.stream(STDOUT, 3), `split at ${at}`).toBe(whole.stream(STDOUT, 3));
      }),
    );
  });

  test("of any id is answered with that id", async () => {
    const { place } = await greeting();
    const client = await wire(place);
    for (const id of [1, 255, 256, 65_535, 1]) {
      client.send(get("/", id));
      await client.end(id);
      expect(client.stream(STDOUT, id)).toContain("hello");
    }
  });

  test("T17 CVE-2011-2766 leaves nothing behind for the next on its connection", async () => {
    const { place } = await listening(echo);
    const client = await wire(place);
    client.send(request(1, [...variablesOf({ path: "/1" }), ["HTTP_X_AUTH_USER", "root"]]));
    await client.end(1);
    client.send(request(2, variablesOf({ path: "/2" })));
    await client.end(2);
    expect(bodyOf(client.stream(STDOUT, 1))).toContain("HTTP_X_AUTH_USER");
    expect(bodyOf(client.stream(STDOUT, 2))).not.toContain("HTTP_X_AUTH_USER");
  });
});

describe("the connection", () => {
  test("without KEEP_CONN is closed behind the response", async () => {
    const { place } = await greeting();
    const client = await wire(place);
    client.send(get("/", 1, { keep: false }));
    await client.end();
    await client.closed();
  });

  test("with KEEP_CONN takes one request after the other", async () => {
    const { place, calls } = await greeting();
    const client = await wire(place);
    for (const id of [1, 2, 3]) {
      client.send(get(`/${id}`, id));
      await client.end(id);
    }
    expect(client.ended).toBe(false);
    expect(calls).toEqual(["/1", "/2", "/3"]);
  });

  test("takes requests that are sent at once, one behind the end of the other", async () => {
    const { place } = await greeting();
    const client = await wire(place);
    client.send(get("/a", 1), get("/b", 2), get("/c", 3));
    for (const id of [1, 2, 3]) {
      expect(await client.end(id)).toEqual({ appStatus: 0, protocolStatus: 0 });
    }
  });

  test("with a request in flight answers a second one with CANT_MPX_CONN", async () => {
    const { opened, open } = gate();
    const { place } = await listening(async (_environ, startResponse) => {
      await opened;
      startResponse("200 OK", []);
      return hello;
    });
    const client = await wire(place);
    client.send(get("/a", 1), get("/b", 2));
    expect(await client.end(2)).toEqual({ appStatus: 0, protocolStatus: 1 });
    open();
    expect(await client.end(1)).toEqual({ appStatus: 0, protocolStatus: 0 });
    expect(client.stream(STDOUT, 1)).toContain("hello");
  });

  test("of 2,000 at once is served each", async () => {
    const { opened, open } = gate();
    let waiting = 0;
    const { place } = await listening(async (environ, startResponse) => {
      waiting++;
      await opened;
      startResponse("200 OK", []);
      return text(environ.PATH_INFO);
    });
    const clients = await Promise.all(
      Array.from({ length: 2000 }, async (_, index) => {
        const client = await wire(place);
        client.send(get(`/${index}`));
        return client;
      }),
    );
    await until(() => waiting === 2000);
    open();
    for (const [index, client] of clients.entries()) {
      await client.end();
      expect(bodyOf(client.stream(STDOUT))).toBe(`/${index}`);
    }
  });
});

describe("roles", () => {
  test.each([2, 3, 0, 999])("role %i is answered with UNKNOWN_ROLE", async (role) => {
    const { place, calls } = await greeting();
    const client = await wire(place);
    client.send(request(1, variablesOf({ path: "/" }), bytes("abc"), { role }));
    expect(await client.end()).toEqual({ appStatus: 0, protocolStatus: 3 });
    client.send(get("/next", 2));
    await client.end(2);
    expect(calls).toEqual(["/next"]);
  });

  test("without KEEP_CONN an unknown role ends the connection", async () => {
    const { place } = await greeting();
    const client = await wire(place);
    client.send(begin(1, { role: 2, keep: false }));
    expect(await client.end()).toEqual({ appStatus: 0, protocolStatus: 3 });
    await client.closed();
  });
});

describe("management records", () => {
  test("GET_VALUES is answered with what is known of what was asked", async () => {
    const { place } = await greeting();
    const client = await wire(place);
    client.send(
      record(
        GET_VALUES,
        0,
        pairs([
          ["FCGI_MPXS_CONNS", ""],
          ["FCGI_MAX_CONNS", ""],
          ["FCGI_UNKNOWN", ""],
          ["FCGI_MAX_REQS", ""],
        ]),
      ),
    );
    const { content } = await client.receive(GET_VALUES_RESULT, 0);
    expect(content.toString("latin1")).toBe(
      "\x0e\x04FCGI_MAX_CONNS2000\x0d\x04FCGI_MAX_REQS2000\x0f\x01FCGI_MPXS_CONNS0",
    );
  });

  test("GET_VALUES for nothing known is answered with nothing", async () => {
    const { place } = await greeting();
    const client = await wire(place);
    client.send(record(GET_VALUES, 0, pairs([["__proto__", ""]])));
    expect((await client.receive(GET_VALUES_RESULT, 0)).content.length).toBe(0);
  });

  test.each([12, 255, 0, BEGIN, PARAMS])("type %i is answered with UNKNOWN_TYPE", async (type) => {
    const { place } = await greeting();
    const client = await wire(place);
    client.send(record(type, 0, "what"));
    const { content } = await client.receive(UNKNOWN_TYPE, 0);
    expect([...content]).toEqual([type, 0, 0, 0, 0, 0, 0, 0]);
    client.send(get("/"));
    expect(await client.end()).toEqual({ appStatus: 0, protocolStatus: 0 });
  });

  test("are answered while a request is in flight", async () => {
    const { opened, open } = gate();
    const { place } = await listening(async (_environ, startResponse) => {
      await opened;
      startResponse("200 OK", []);
      return hello;
    });
    const client = await wire(place);
    client.send(get("/"), record(GET_VALUES, 0, pairs([["FCGI_MPXS_CONNS", ""]])));
    await client.receive(GET_VALUES_RESULT, 0);
    open();
    await client.end();
  });
});

describe("records for a request that is not there", () => {
  test.each([
    ["PARAMS", record(PARAMS, 7, "xx")],
    ["STDIN", record(STDIN, 7, "xx")],
    ["ABORT_REQUEST", record(ABORT, 7)],
    ["of another type", record(77, 7, "xx")],
  ])("%s is ignored", async (_name, bytes) => {
    const { place, log } = await greeting();
    const client = await wire(place);
    client.send(bytes, get("/", 1), bytes);
    await client.end(1);
    client.send(get("/", 2));
    await client.end(2);
    expect(log).toEqual([]);
  });

  test("DATA, which is for filters, is ignored", async () => {
    const { place } = await listening(echo);
    const client = await wire(place);
    const variables = variablesOf({ path: "/" });
    client.send(
      begin(1),
      stream(PARAMS, 1, pairs(variables)),
      record(DATA, 1, "xx"),
      record(STDIN, 1),
      record(DATA, 1),
    );
    expect(await client.end()).toEqual({ appStatus: 0, protocolStatus: 0 });
  });
});

describe("what breaks the protocol closes the connection, with a line in the log", () => {
  const variables = stream(PARAMS, 1, pairs(variablesOf({ path: "/", method: "POST" })));

  test.each([
    ["another version", Buffer.from([9, 1, 0, 1, 0, 8, 0, 0]), "version of a FastCGI record is 9"],
    [
      "STDIN before the end of PARAMS",
      Buffer.concat([begin(1), record(STDIN, 1, "abc")]),
      "type 5",
    ],
    [
      "PARAMS behind their end",
      Buffer.concat([begin(1), variables, record(PARAMS, 1, "x")]),
      "type 4",
    ],
    [
      "STDIN behind its end",
      Buffer.concat([begin(1), variables, record(STDIN, 1), record(STDIN, 1, "x")]),
      "type 5",
    ],
    ["a second BEGIN_REQUEST", Buffer.concat([begin(1), begin(1)]), "BEGIN_REQUEST for request 1"],
    ["a BEGIN_REQUEST too short", record(BEGIN, 1, "\0\x01"), "BEGIN_REQUEST has 2 bytes"],
    [
      "a BEGIN_REQUEST too long",
      record(BEGIN, 1, "\0\x01\x01\0\0\0\0\0\0"),
      "BEGIN_REQUEST has 9 bytes",
    ],
    ["a type of the application's", Buffer.concat([begin(1), record(STDOUT, 1, "x")]), "type 6"],
    ["an unknown type", Buffer.concat([begin(1), record(99, 1, "x")]), "type 99"],
    ["GET_VALUES cut off", record(GET_VALUES, 0, "\x0fx"), "ends at"],
  ])("%s", async (_name, wrong, line) => {
    let called = 0;
    const { place, log } = await listening(async (environ, startResponse) => {
      called++;
      await environ["wsgi.input"].read();
      startResponse("200 OK", []);
      return hello;
    });
    const client = await wire(place);
    client.send(wrong, get("/behind", 9));
    await client.closed();
    await until(() => log.length > 0);
    expect(log[0]).toMatch(/^dram: closed a connection of 127\.0\.0\.1: ERR_EVENT: /);
    expect(log[0]).toContain(line);
    expect(client.records.filter(({ id }) => id === 9)).toEqual([]);
    expect(called).toBeLessThanOrEqual(1);
    const next = await wire(place);
    next.send(get("/"));
    expect(await next.end()).toEqual({ appStatus: 0, protocolStatus: 0 });
  });

  test("a record that never ends", async () => {
    const { place, log } = await listening(echo, { requestTimeout: 100 });
    const client = await wire(place);
    client.send(Buffer.from([1, 1, 0]));
    await client.closed();
    expect(log).toEqual([
      "dram: closed a connection of 127.0.0.1: ERR_EVENT: FastCGI: nothing has come of a request for 100 ms",
    ]);
  });

  test("a request that never ends", async () => {
    const { place, log } = await listening(echo, { requestTimeout: 100 });
    const client = await wire(place);
    client.send(begin(1), record(PARAMS, 1, pairs([["A", "B"]])));
    await client.closed();
    expect(log).toHaveLength(1);
  });
});

describe("time limits", () => {
  test("an idle connection has none", async () => {
    const { place } = await listening(echo, { requestTimeout: 50 });
    const client = await wire(place);
    const other = await wire(place);
    other.send(begin(1));
    // The other one's limit is reached; this one's would have been, too.
    await other.closed();
    client.send(get("/"));
    expect(await client.end()).toEqual({ appStatus: 0, protocolStatus: 0 });
  });

  test("an application that takes its time has none", async () => {
    const { opened, open } = gate();
    const { place } = await listening(
      async (_environ, startResponse) => {
        await opened;
        startResponse("200 OK", []);
        return hello;
      },
      { requestTimeout: 50 },
    );
    const client = await wire(place);
    client.send(get("/"));
    const other = await wire(place);
    other.send(begin(1));
    await other.closed();
    open();
    expect(await client.end()).toEqual({ appStatus: 0, protocolStatus: 0 });
  });
});

describe("STDERR", () => {
  test("takes wsgi.errors, one record a line, and is ended", async () => {
    const { place } = await listeningToStderr((environ, startResponse) => {
      environ["wsgi.errors"].write("one\ntw");
      environ["wsgi.errors"].write("o \u2192\nthree");
      startResponse("200 OK", []);
      return hello;
    });
    const client = await wire(place);
    client.send(get("/"));
    await client.end();
    const lines = client.records.filter(({ type }) => type === STDERR);
    expect(lines.map(({ content }) => content.toString("utf8"))).toEqual([
      "one\n",
      "two \u2192\n",
      "three\n",
      "",
    ]);
    expect(client.stream(STDOUT)).toContain("hello");
  });

  test("takes the gateway's own lines about the request", async () => {
    const { place } = await listeningToStderr(() => {
      throw new Error("on purpose");
    });
    const client = await wire(place);
    client.send(get("/x"));
    expect(await client.end()).toEqual({ appStatus: 1, protocolStatus: 0 });
    expect(client.stream(STDERR)).toMatch(/^dram: GET \/x: Error: on purpose \| at .*\n$/);
    expect(client.stream(STDOUT)).toContain("Status: 500 Internal Server Error\r\n");
  });

  test("stays empty where the deployer has set errors", async () => {
    const { place, log } = await listening((environ, startResponse) => {
      environ["wsgi.errors"].write("elsewhere\n");
      startResponse("200 OK", []);
      return json(1);
    });
    const client = await wire(place);
    client.send(get("/"));
    await client.end();
    expect(client.records.some(({ type }) => type === STDERR)).toBe(false);
    expect(log).toEqual(["elsewhere"]);
  });

  test("takes a line of any length", async () => {
    const { place } = await listeningToStderr((environ, startResponse) => {
      environ["wsgi.errors"].write(`${"x".repeat(150_000)}\n`);
      startResponse("200 OK", []);
      return hello;
    });
    const client = await wire(place);
    client.send(get("/"));
    await client.end();
    expect(client.stream(STDERR)).toBe(`${"x".repeat(150_000)}\n`);
  });
});
