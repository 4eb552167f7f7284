import { type Application, text } from "dram";
import { CookieJar, client } from "dram/test";
import { afterEach, describe, expect, test, vi } from "vitest";

afterEach(() => {
  vi.useRealTimers();
});

/** The Cookie header for `to`, after a response to `from` has set these. */
function sent(from: string, fields: string[], to = from): string {
  const jar = new CookieJar();
  jar.store(new URL(from), fields);
  return jar.header(new URL(to));
}

describe("the domain", () => {
  test.each([
    ["a=1", "http://h.example/", "a=1"],
    ["a=1", "http://sub.h.example/", ""],
    ["a=1; Domain=h.example", "http://h.example/", "a=1"],
    ["a=1; Domain=.H.example", "http://sub.h.example/", "a=1"],
    ["a=1; Domain=h.example", "http://other-h.example/", ""],
    ["a=1; Domain=other.example", "http://other.example/", ""],
    ["a=1; Domain=sub.h.example", "http://sub.h.example/", ""],
    ["a=1; Domain=example", "http://other.example/", ""],
    ["a=1; Domain=", "http://h.example/", "a=1"],
  ])("%s for %s: %j", (field, to, header) => {
    expect(sent("http://h.example/", [field], to)).toBe(header);
  });

  test("of an address is the address", () => {
    expect(sent("http://127.0.0.1/", ["a=1; Domain=0.0.1"])).toBe("");
    expect(sent("http://127.0.0.1/", ["a=1; Domain=127.0.0.1"])).toBe("a=1");
  });

  test("of a host without a dot is the host", () => {
    expect(sent("http://localhost/", ["a=1; Domain=localhost"])).toBe("a=1");
  });

  test("a cookie for the host alone and one for the domain are two", () => {
    expect(sent("http://h.example/", ["a=1", "a=2; Domain=h.example"])).toBe("a=2");
  });
});

describe("the path", () => {
  test.each([
    ["/shop/cart", "a=1", "/shop/other", "a=1"],
    ["/shop/cart", "a=1", "/shop", "a=1"],
    ["/shop/cart", "a=1", "/shopping", ""],
    ["/shop/cart", "a=1", "/", ""],
    ["/shop", "a=1", "/", "a=1"],
    ["/", "a=1; Path=/shop", "/shop/cart", "a=1"],
    ["/", "a=1; Path=/shop", "/shopping", ""],
    ["/", "a=1; Path=/shop/", "/shop/cart", "a=1"],
    ["/", "a=1; Path=/shop/", "/shop", ""],
    ["/shop/cart", "a=1; Path=shop", "/shop/x", "a=1"],
  ])("set at %s by %s, for %s: %j", (from, field, to, header) => {
    expect(sent(`http://h.example${from}`, [field], `http://h.example${to}`)).toBe(header);
  });

  test("the longer one comes first, then the older one", () => {
    const fields = ["a=1; Path=/", "b=2; Path=/", "c=3; Path=/shop", "a=4; Path=/"];
    expect(sent("http://h.example/shop/", fields)).toBe("c=3; a=4; b=2");
  });
});

describe("Secure", () => {
  test.each([
    ["https://h.example/", "a=1"],
    ["http://h.example/", ""],
  ])("to %s: %j", (to, header) => {
    expect(sent("https://h.example/", ["a=1; secure"], to)).toBe(header);
  });
});

describe("Max-Age and Expires", () => {
  const NOW = Date.UTC(2026, 0, 1);

  function after(milliseconds: number, field: string): string {
    vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
    const jar = new CookieJar();
    jar.store(new URL("http://h.example/"), [field]);
    vi.setSystemTime(NOW + milliseconds);
    return jar.header(new URL("http://h.example/"));
  }

  test.each([
    ["a=1; Max-Age=10", 9_999, "a=1"],
    ["a=1; Max-Age=10", 10_000, ""],
    ["a=1; Max-Age=0", 0, ""],
    ["a=1; Max-Age=-5", 0, ""],
    ["a=1; Max-Age=soon", 1e12, "a=1"],
    ["a=1; Expires=Thu, 01 Jan 2026 00:00:10 GMT", 9_999, "a=1"],
    ["a=1; Expires=Thu, 01 Jan 2026 00:00:10 GMT", 10_000, ""],
    ["a=1; Expires=Thu, 01-Jan-26 00:00:10 GMT", 10_000, ""],
    ["a=1; expires=Thu Jan  1 00:00:10 2026", 10_000, ""],
    ["a=1; Expires=whenever", 1e12, "a=1"],
    ["a=1; Expires=Thu, 31 Feb 2026 00:00:10 GMT", 1e12, "a=1"],
    ["a=1; Expires=Thu, 01 Jan 2026 24:00:00 GMT", 1e12, "a=1"],
    ["a=1; Max-Age=20; Expires=Thu, 01 Jan 2026 00:00:10 GMT", 15_000, "a=1"],
    ["a=1; Max-Age=20; Max-Age=no", 20_000, ""],
  ])("%s after %i ms: %j", (field, milliseconds, header) => {
    expect(after(milliseconds, field)).toBe(header);
  });

  test("delete a cookie that is there", () => {
    const jar = new CookieJar();
    const url = new URL("http://h.example/");
    jar.store(url, ["a=1", "b=2"]);
    jar.store(url, ["a=; Max-Age=0"]);
    expect(jar.header(url)).toBe("b=2");
    expect(jar.names()).toEqual(["b"]);
  });
});

describe("the pair", () => {
  test.each([
    ["a=1", "a=1"],
    [" a = 1 ; x", "a=1"],
    ["a=b=c", "a=b=c"],
    ['a="1 2"', 'a="1 2"'],
    ["a=", "a="],
    ["alone", "alone"],
    ["=value", "value"],
    ["", ""],
    ["=", ""],
  ])("%j is sent as %j", (field, header) => {
    expect(sent("http://h.example/", [field])).toBe(header);
  });
});

describe("a client", () => {
  const counting: Application = (environ, startResponse) => {
    const [, count = "0"] = /count=(\d+)/.exec(environ.HTTP_COOKIE ?? "") ?? [];
    startResponse("200 OK", [
      ["Content-Type", "text/plain"],
      ["Set-Cookie", `count=${Number(count) + 1}; Path=/`],
      ["Set-Cookie", "other=x; Path=/elsewhere"],
    ]);
    return text(environ.HTTP_COOKIE ?? "no cookie");
  };

  test("keeps cookies from one request to the next", async () => {
    const { get, cookies } = client(counting);
    expect(await (await get("/")).text()).toBe("no cookie");
    expect(await (await get("/")).text()).toBe("count=1");
    expect(cookies.get("count")).toBe("2");
    expect(cookies.names()).toEqual(["count", "other"]);
    cookies.clear();
    expect(await (await get("/")).text()).toBe("no cookie");
  });

  test("begins with those it was given, and adds those of the request", async () => {
    const { get } = client(counting, { cookies: { count: "5" } });
    const response = await get("/", { headers: { Cookie: "own=1" } });
    expect(await response.text()).toBe("own=1; count=5");
  });

  test("may keep none", async () => {
    const { get } = client(counting, { cookies: false });
    await get("/");
    expect(await (await get("/")).text()).toBe("no cookie");
  });

  test("leaves them out where credentials are not wanted", async () => {
    const { get } = client(counting);
    await get("/");
    expect(await (await get("/", { credentials: "omit" })).text()).toBe("no cookie");
  });
});
