import { type Application, type HeaderList, text } from "dram";
import { describe, expect, test } from "vitest";
import { bodyOf, bytes, exchange, get, headOf, listening } from "./helpers.ts";

const TRAILERS = "TE: trailers";

async function answer(application: Application, request: string): Promise<string> {
  const { port } = await listening(application);
  return exchange(port, request);
}

describe("wsgi.early_hints", () => {
  const hinting =
    (headers: HeaderList): Application =>
    (environ, startResponse) => {
      environ["wsgi.early_hints"]?.(headers);
      startResponse("200 OK", [["X-A", "b"]]);
      return text("hello");
    };

  test("X10 sends 103 before the response", async () => {
    const headers: HeaderList = [
      ["Link", "</a.css>; rel=preload; as=style"],
      ["X-B", "1"],
      ["link", "</b.js>; rel=preload; as=script"],
      ["x-b", "2"],
    ];
    const [hints, response] = (await answer(hinting(headers), get("/"))).split(
      /(?=HTTP\/1\.1 200)/,
    );
    expect(headOf(hints ?? "").toSorted()).toEqual([
      "HTTP/1.1 103 Early Hints",
      "Link: </a.css>; rel=preload; as=style, </b.js>; rel=preload; as=script",
      "x-b: 1, 2",
    ]);
    expect(headOf(response ?? "").slice(0, 2)).toEqual(["HTTP/1.1 200 OK", "X-A: b"]);
    expect(bodyOf(response ?? "")).toBe("hello");
  });

  test("T11 sends names that every object has as any others", async () => {
    const headers: HeaderList = [
      ["Link", "</a>; rel=preload"],
      ["constructor", "1"],
      ["__proto__", "2"],
    ];
    const response = await answer(hinting(headers), get("/"));
    expect(headOf(response).toSorted()).toEqual([
      "HTTP/1.1 103 Early Hints",
      "Link: </a>; rel=preload",
      "__proto__: 2",
      "constructor: 1",
    ]);
  });

  test("sends several links of one field", async () => {
    const headers: HeaderList = [
      ["Link", "</a,b.css>; rel=preload,</c.js>; rel=preload; as=script"],
    ];
    expect(headOf(await answer(hinting(headers), get("/")))).toEqual([
      "HTTP/1.1 103 Early Hints",
      "Link: </a,b.css>; rel=preload, </c.js>; rel=preload; as=script",
    ]);
  });

  test("may be called twice", async () => {
    const response = await answer((environ, startResponse) => {
      environ["wsgi.early_hints"]?.([["Link", "</a>; rel=preload"]]);
      environ["wsgi.early_hints"]?.([["Link", "</b>; rel=preload"]]);
      startResponse("200 OK", []);
      return [];
    }, get("/"));
    expect(response.match(/103 Early Hints/g)).toHaveLength(2);
  });

  test.each<[what: string, headers: HeaderList, code: string]>([
    ["a malformed Link", [["Link", "a.css"]], "ERR_HEADER_VALUE"],
    ["a line break", [["Link", "</a>\r\nX-Evil: 1"]], "ERR_HEADER_VALUE"],
    ["a malformed name", [["X A", "1"]], "ERR_HEADER_NAME"],
    ["a hop-by-hop header", [["Connection", "close"]], "ERR_HOP_BY_HOP"],
  ])("T03 refuses %s, and sends nothing", async (_what, headers, code) => {
    const { port, log } = await listening(hinting(headers));
    const response = await exchange(port, get("/"));
    expect(headOf(response)[0]).toBe("HTTP/1.1 500 Internal Server Error");
    expect(response).not.toContain("Evil");
    expect(log[0]).toContain(`dram: GET /: ${code}: wsgi.early_hints: `);
  });

  test("comes too late once the head has left, and is ignored", async () => {
    const response = await answer(async (environ, startResponse) => {
      const write = startResponse("200 OK", []);
      await write(bytes("a"));
      environ["wsgi.early_hints"]?.([["Link", "</a>; rel=preload"]]);
      return [bytes("b")];
    }, get("/"));
    expect(response).not.toContain("103");
    expect(bodyOf(response)).toBe("1\r\na\r\n1\r\nb\r\n0\r\n\r\n");
  });

  test("is not there for HTTP/1.0, which knows no 1xx", async () => {
    const response = await answer((environ, startResponse) => {
      startResponse("200 OK", []);
      return text(String("wsgi.early_hints" in environ));
    }, "GET / HTTP/1.0\r\n\r\n");
    expect(bodyOf(response)).toBe("false");
  });
});

describe("dram.trailers", () => {
  const trailing =
    (headers: HeaderList, given: HeaderList = []): Application =>
    (environ, startResponse) => {
      environ["dram.trailers"]?.(headers);
      startResponse("200 OK", given);
      return [bytes("hello")];
    };

  test.each([
    ["without TE", get("/")],
    ["with another coding in TE", get("/", "TE: gzip, trailersx")],
    ["for HTTP/1.0", `GET / HTTP/1.0\r\n${TRAILERS}\r\n\r\n`],
  ])("is not there %s", async (_what, request) => {
    const response = await answer((environ, startResponse) => {
      startResponse("200 OK", []);
      return text(String("dram.trailers" in environ));
    }, request);
    expect(bodyOf(response)).toBe("false");
  });

  test.each([
    ["with one chunk", trailing([["X-Sum", "1"]])],
    [
      "with a Content-Length, which it replaces",
      trailing([["X-Sum", "1"]], [["Content-Length", "5"]]),
    ],
    [
      "with two large chunks",
      ((environ, startResponse) => {
        environ["dram.trailers"]?.([["X-Sum", "1"]]);
        startResponse("200 OK", []);
        return [new Uint8Array(20_000), bytes("hello")];
      }) satisfies Application,
    ],
    [
      "of a stream, when it ends",
      ((environ, startResponse) => {
        startResponse("200 OK", []);
        return (async function* () {
          yield bytes("hello");
          environ["dram.trailers"]?.([["X-Sum", "1"]]);
        })();
      }) satisfies Application,
    ],
  ])("X11 is sent after the last chunk, %s", async (_what, application) => {
    const response = await answer(application, get("/", "TE: gzip;q=0.5, Trailers"));
    expect(headOf(response)).toContain("Transfer-Encoding: chunked");
    expect(response).not.toMatch(/^content-length/im);
    expect(response.endsWith("5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n")).toBe(true);
  });

  test("header bytes of trailers leave as they are, repeated ones apart", async () => {
    const headers: HeaderList = [
      ["X-Latin", "caf\u00e9"],
      ["X-Latin", "2"],
    ];
    const response = await answer(trailing(headers), get("/", TRAILERS));
    expect(response.endsWith("0\r\nX-Latin: caf\u00e9\r\nX-Latin: 2\r\n\r\n")).toBe(true);
  });

  test("HEAD has none", async () => {
    const request = `HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${TRAILERS}\r\n\r\n`;
    const response = await answer(trailing([["X-Sum", "1"]]), request);
    expect(headOf(response)).toContain("Content-Length: 5");
    expect(bodyOf(response)).toBe("");
  });

  test.each<[what: string, headers: HeaderList, code: string]>([
    ["framing", [["Content-Length", "5"]], "ERR_HEADER_NAME"],
    ["routing", [["host", "a"]], "ERR_HEADER_NAME"],
    ["what the body is", [["Content-Type", "a/b"]], "ERR_HEADER_NAME"],
    ["cookies", [["Set-Cookie", "a=1"]], "ERR_HEADER_NAME"],
    ["a hop-by-hop header", [["Transfer-Encoding", "chunked"]], "ERR_HOP_BY_HOP"],
    ["a line break", [["X-A", "b\r\nX-Evil: 1"]], "ERR_HEADER_VALUE"],
  ])("RFC 9110 §6.5.1 refuses %s", async (_what, headers, code) => {
    const { port, log } = await listening(trailing(headers));
    const response = await exchange(port, get("/", TRAILERS));
    expect(headOf(response)[0]).toBe("HTTP/1.1 500 Internal Server Error");
    expect(log[0]).toContain(`dram: GET /: ${code}: dram.trailers: `);
  });

  test("after a head with Content-Length, is an error", async () => {
    const { port, log } = await listening((environ, startResponse) => {
      startResponse("200 OK", [["Content-Length", "10"]]);
      return (async function* () {
        yield bytes("hello");
        environ["dram.trailers"]?.([["X-Sum", "1"]]);
      })();
    });
    await exchange(port, get("/", TRAILERS));
    expect(log).toHaveLength(1);
    expect(log[0]).toContain("ERR_CONTENT_LENGTH: dram.trailers: the response has been started");
  });

  test("after the end, is an error", async () => {
    let late: (() => void) | undefined;
    await answer(
      (environ, startResponse) => {
        late = () => environ["dram.trailers"]?.([["X-Sum", "1"]]);
        startResponse("200 OK", []);
        return [];
      },
      get("/", TRAILERS),
    );
    expect(late).toThrow(expect.objectContaining({ code: "ERR_CLOSED" }));
  });
});
