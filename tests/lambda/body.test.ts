import { type Body, type HeaderList, text } from "dram";
import { describe, expect, test } from "vitest";
import { environOf, inputOf, invoke, resultOf, SOURCES, url, v1, v2 } from "./helpers.ts";

const ALL = Uint8Array.from({ length: 256 }, (_, byte) => byte);

function type(value: string): HeaderList {
  return [["Content-Type", value]];
}

describe("T16 text or base64", () => {
  const bytes = (native: string): Body => [Buffer.from(native, "latin1")];
  const gzip: HeaderList = [["Content-Encoding", "gzip"]];

  test.each<[string, HeaderList, Body, string]>([
    ["text", type("text/plain"), text("größe"), "größe"],
    ["UTF-8 of any type", type("application/octet-stream"), [Buffer.from("größe")], "größe"],
    ["UTF-8 without a type", [], [Buffer.from("größe")], "größe"],
    ["chunks that split a character", [], [Buffer.of(0xc3), Buffer.of(0xb6)], "ö"],
    ["a byte order mark", [], [Buffer.from("\ufeffa")], "\ufeffa"],
    ["UTF-8 so declared", type('text/plain; charset="UTF-8"'), [Buffer.from("ö")], "ö"],
    ["identity", [["Content-Encoding", "identity"]], [Buffer.from("a")], "a"],
    ["nothing", gzip, [], ""],
  ])("%s is text", async (_what, headers, body, expected) => {
    const result = await resultOf(v2(), headers, body);
    expect(result).toMatchObject({ body: expected, isBase64Encoded: false });
  });

  test.each<[string, HeaderList, Body, string]>([
    ["every byte", type("text/plain"), [ALL], Buffer.from(ALL).toString("base64")],
    ["a truncated character", [], bytes("\xc3"), "ww=="],
    ["what is declared latin-1", type("text/plain; charset=iso-8859-1"), bytes("a"), "YQ=="],
    ["what is declared compressed", gzip, bytes("a"), "YQ=="],
    ["text declared compressed", gzip, text("a"), "YQ=="],
  ])("%s is base64", async (_what, headers, body, expected) => {
    const result = await resultOf(v2(), headers, body);
    expect(result).toMatchObject({ body: expected, isBase64Encoded: true });
  });

  test("Lambda@Edge calls it by another name", async () => {
    const { "Lambda@Edge, viewer": event } = SOURCES;
    expect(await resultOf(event, [], [ALL])).toMatchObject({
      body: Buffer.from(ALL).toString("base64"),
      bodyEncoding: "base64",
    });
  });

  test("a view into a larger buffer is itself only", async () => {
    const result = await resultOf(v2(), [], [Buffer.from("xxabcxx").subarray(2, 5)]);
    expect(result.body).toBe("abc");
  });

  test("a generator's chunks are put together", async () => {
    const result = await resultOf(
      v2(),
      [],
      (async function* () {
        yield Buffer.from("a");
        yield Buffer.from("");
        yield Buffer.from("b");
      })(),
    );
    expect(result.body).toBe("ab");
  });
});

describe("wsgi.input", () => {
  test("I04 base64 gives the bytes", async () => {
    const body = Buffer.from(ALL).toString("base64");
    const event = v2({ body, isBase64Encoded: true }, { method: "POST" });
    expect(await inputOf(event)).toBe(Buffer.from(ALL).toString("latin1"));
    expect((await environOf(event)).CONTENT_LENGTH).toBe("256");
  });

  test("I04 what base64 was decoded into is not memory shared with other requests", async () => {
    let size = 0;
    await invoke(v2({ body: "YWJj", isBase64Encoded: true }), async (environ, startResponse) => {
      size = (await environ["wsgi.input"].read()).buffer.byteLength;
      startResponse("200 OK", []);
      return [];
    });
    expect(size).toBe(3);
  });

  test.each([null, "", undefined])("I10 the body %j is empty", async (body) => {
    const event = v1({ body });
    expect(await inputOf(event)).toBe("");
    expect("CONTENT_LENGTH" in (await environOf(event))).toBe(false);
  });

  test("I10 an announced length of nothing is 0", async () => {
    const headers = { "Content-Length": "0" };
    expect((await environOf(v1({ multiValueHeaders: null, headers }))).CONTENT_LENGTH).toBe("0");
  });

  test("I18 a GET may have a body", async () => {
    expect(await inputOf(v2({ body: "zz" }))).toBe("zz");
  });

  test("I11 text is counted in bytes", async () => {
    expect((await environOf(v2({ body: "größe" }))).CONTENT_LENGTH).toBe("7");
  });

  test.each(["YQ=", "Y===", "YQ==YQ==", "!!!!", "YW\nJj===", "YQ-a", "YQ_a", "====", " YWJj==="])(
    "T14 %j is not base64: 400, the application not called",
    async (body) => {
      const { environ, result, lines } = await invoke(url({ body, isBase64Encoded: true }));
      expect([environ, result.statusCode]).toEqual([undefined, 400]);
      expect(lines.join("")).toContain("body of the event is not base64");
    },
  );

  test("T13 a body over maxBodySize: 413, the application not called", async () => {
    const { environ, result } = await invoke(v2({ body: "12345" }), undefined, { maxBodySize: 4 });
    expect([environ, result.statusCode]).toEqual([undefined, 413]);
  });
});
