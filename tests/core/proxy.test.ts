import { type Environ, type ForwardedFacts, trustedHops } from "dram";
import { describe, expect, test } from "vitest";
import { coded, duration, environOf, latin1 } from "./helpers.ts";

type Fields = readonly (readonly [name: string, value: string])[];

/** The environ that an application behind a proxy at 10.0.0.1 sees. */
function seen(hops: number, fields: Fields, facts: ForwardedFacts = {}, scheme = "http"): Environ {
  const environ = environOf({ fields, line: { scheme, serverPort: "" } });
  environ.REMOTE_ADDR = "10.0.0.1";
  environ.REMOTE_PORT = "40000";
  trustedHops(hops, facts)(() => [])(environ, () => async () => {});
  return environ;
}

function addressFrom(hops: number, forwardedFor: string): string | undefined {
  return seen(hops, [["X-Forwarded-For", forwardedFor]]).REMOTE_ADDR;
}

describe("X-Forwarded-For", () => {
  test("T04 changes nothing with 0 hops", () => {
    expect(addressFrom(0, "6.6.6.6")).toBe("10.0.0.1");
  });

  test("T04 0 hops give back the application itself", () => {
    const application = () => [latin1("a")];
    expect(trustedHops(0)(application)).toBe(application);
  });

  test.each([
    [1, "198.51.100.9", "198.51.100.9"],
    [1, "6.6.6.6, 198.51.100.9", "198.51.100.9"],
    [2, "6.6.6.6, 198.51.100.9, 10.0.0.2", "198.51.100.9"],
    [3, "198.51.100.9,10.0.0.3,10.0.0.2", "198.51.100.9"],
    [1, "unknown, 198.51.100.9", "198.51.100.9"],
    [2, "198.51.100.9, unknown", "198.51.100.9"],
    [1, "6.6.6.6,\t198.51.100.9 ", "198.51.100.9"],
  ])("T04 with %i hops, %j gives %s", (hops, forwardedFor, address) => {
    expect(addressFrom(hops, forwardedFor)).toBe(address);
  });

  test("T04 counts over all its lines joined", () => {
    const environ = seen(2, [
      ["X-Forwarded-For", "6.6.6.6"],
      ["X-Forwarded-For", "198.51.100.9"],
      ["X-Forwarded-For", "10.0.0.2"],
    ]);
    expect(environ.REMOTE_ADDR).toBe("198.51.100.9");
  });

  test("T04 with fewer entries than hops changes nothing", () => {
    const environ = seen(2, [["X-Forwarded-For", "198.51.100.9"]]);
    expect(environ).toMatchObject({
      REMOTE_ADDR: "10.0.0.1",
      REMOTE_PORT: "40000",
      HTTP_X_FORWARDED_FOR: "198.51.100.9",
    });
  });

  test("T04 that is absent changes nothing and adds no key", () => {
    const environ = seen(1, []);
    expect(environ).toMatchObject({ REMOTE_ADDR: "10.0.0.1", REMOTE_PORT: "40000" });
    expect("HTTP_X_FORWARDED_FOR" in environ).toBe(false);
    expect("HTTP_X_FORWARDED_PROTO" in environ).toBe(false);
  });

  test("T04 keeps only what trusted proxies have said", () => {
    const environ = seen(2, [["X-Forwarded-For", "6.6.6.6, 7.7.7.7, 198.51.100.9, 10.0.0.2"]]);
    expect(environ.HTTP_X_FORWARDED_FOR).toBe("198.51.100.9, 10.0.0.2");
  });

  test.each([
    ["192.0.2.1", "192.0.2.1", undefined],
    ["192.0.2.1:8080", "192.0.2.1", "8080"],
    ["2001:db8::1", "2001:db8::1", undefined],
    ["::1", "::1", undefined],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.1", undefined],
    ["[2001:db8::1]", "2001:db8::1", undefined],
    ["[2001:db8::1]:8080", "2001:db8::1", "8080"],
    ["2001:DB8:0:0:0:0:0:1", "2001:DB8:0:0:0:0:0:1", undefined],
  ])("T04 %s is the address %s and the port %s", (entry, address, port) => {
    const environ = seen(1, [["X-Forwarded-For", entry]]);
    expect(environ.REMOTE_ADDR).toBe(address);
    expect("REMOTE_PORT" in environ).toBe(port !== undefined);
    expect(environ.REMOTE_PORT).toBe(port);
  });

  test.each([
    "",
    "unknown",
    "_hidden",
    "evil.example",
    "192.0.2.1 evil",
    "192.0.2.1:port",
    "192.0.2.1:123456",
    "<script>",
    "[2001:db8::1",
    "[2001:db8::1]evil",
    "2001:db8::1%eth0",
    "192.0.2.1;proto=https",
    "....",
    "192.0.2",
    "192.0.2.1.1",
    "192.0.2.256",
    "1:2",
    ":::::",
    "1:2:3:4:5:6:7:8:9",
    "[....]",
  ])("T04 the entry %j is no address and changes nothing", (entry) => {
    const environ = seen(1, [["X-Forwarded-For", entry]]);
    expect(environ).toMatchObject({
      REMOTE_ADDR: "10.0.0.1",
      REMOTE_PORT: "40000",
      HTTP_X_FORWARDED_FOR: entry,
    });
  });

  test("T13 an entry costs time in proportion to its length", () => {
    expect(duration(() => addressFrom(1, `${":".repeat(2_000)}x`))).toBeLessThan(1_000);
  });

  test("T13 many entries cost time in proportion to their number", () => {
    expect(duration(() => addressFrom(1, ",".repeat(100_000)))).toBeLessThan(1_000);
  });
});

describe("X-Forwarded-Proto", () => {
  const proto = (value: string): Fields => [["X-Forwarded-Proto", value]];

  test("T04 sets scheme, HTTPS and the default port", () => {
    expect(seen(1, proto("https"))).toMatchObject({
      "wsgi.url_scheme": "https",
      HTTPS: "on",
      SERVER_PORT: "443",
    });
  });

  test("T04 takes HTTPS away again", () => {
    const environ = seen(1, proto("http"), {}, "https");
    expect(environ).toMatchObject({ "wsgi.url_scheme": "http", SERVER_PORT: "80" });
    expect("HTTPS" in environ).toBe(false);
  });

  test("T04 leaves a port of the server's own", () => {
    const environ = environOf({ fields: proto("https"), line: { serverPort: "8080" } });
    trustedHops(1)(() => [])(environ, () => async () => {});
    expect(environ).toMatchObject({ "wsgi.url_scheme": "https", SERVER_PORT: "8080" });
  });

  test.each([
    [1, "https, http", "http", "http"],
    [1, "http, https", "https", "https"],
    [2, "https, http", "https", "https, http"],
    [2, "http, https, http", "https", "https, http"],
    [1, "HTTPS", "https", "HTTPS"],
  ])("T04 with %i hops, %j is %s, and %j is left", (hops, value, scheme, left) => {
    expect(seen(hops, proto(value))).toMatchObject({
      "wsgi.url_scheme": scheme,
      HTTP_X_FORWARDED_PROTO: left,
    });
  });

  test.each(["javascript", "", "ws", "https;", "https://", "on", "http https"])(
    "T04 the value %j is no scheme and changes nothing",
    (value) => {
      const environ = seen(1, proto(value));
      expect(environ["wsgi.url_scheme"]).toBe("http");
      expect(environ.SERVER_PORT).toBe("80");
      expect("HTTPS" in environ).toBe(false);
    },
  );

  test("T04 with fewer entries than hops changes nothing", () => {
    expect(seen(2, proto("https"))["wsgi.url_scheme"]).toBe("http");
  });

  test("T04 is read whether or not there is an address", () => {
    const environ = seen(1, [
      ["X-Forwarded-For", "unknown"],
      ["X-Forwarded-Proto", "https"],
    ]);
    expect(environ).toMatchObject({ REMOTE_ADDR: "10.0.0.1", "wsgi.url_scheme": "https" });
  });
});

describe("X-Forwarded-Host", () => {
  const host = (value: string): Fields => [
    ["Host", "inner.example"],
    ["X-Forwarded-Host", value],
  ];

  test("T04 changes nothing unless asked for", () => {
    expect(seen(1, host("public.example")).HTTP_HOST).toBe("inner.example");
  });

  test.each([
    [1, "public.example", "public.example"],
    [1, "public.example:8443", "public.example:8443"],
    [1, "[::1]:80", "[::1]:80"],
    [1, "evil.example, public.example", "public.example"],
    [2, "evil.example, public.example, inner.example", "public.example"],
  ])("T04 with %i hops and host: true, %j gives %s", (hops, value, expected) => {
    expect(seen(hops, host(value), { host: true }).HTTP_HOST).toBe(expected);
  });

  test("T04 keeps only what trusted proxies have said", () => {
    const environ = seen(1, host("evil.example, public.example"), { host: true });
    expect(environ.HTTP_X_FORWARDED_HOST).toBe("public.example");
  });

  test.each(["", "a/b", "good@evil", "a b", "evil.example?", "a:b"])(
    "T07 the value %j is no host and changes nothing",
    (value) => {
      expect(seen(1, host(value), { host: true }).HTTP_HOST).toBe("inner.example");
    },
  );

  test("T04 does not change SERVER_NAME", () => {
    expect(seen(1, host("public.example"), { host: true }).SERVER_NAME).toBe("server.example");
  });
});

describe("X-Forwarded-Port", () => {
  const port = (value: string): Fields => [["X-Forwarded-Port", value]];

  test("T04 changes nothing unless asked for", () => {
    expect(seen(1, port("8443")).SERVER_PORT).toBe("80");
  });

  test("T04 becomes SERVER_PORT with port: true, also over the scheme's default", () => {
    const fields: Fields = [...port("1, 8443"), ["X-Forwarded-Proto", "https"]];
    expect(seen(1, fields, { port: true })).toMatchObject({
      SERVER_PORT: "8443",
      HTTP_X_FORWARDED_PORT: "8443",
      "wsgi.url_scheme": "https",
    });
  });

  test.each(["", "-1", "http", "123456", "80 ,", "8e1"])(
    "T04 the value %j is no port and changes nothing",
    (value) => {
      expect(seen(1, port(value), { port: true }).SERVER_PORT).toBe("80");
    },
  );
});

describe("trustedHops", () => {
  test("T04 never reads Forwarded, X-Real-IP and CF-Connecting-IP", () => {
    const environ = seen(1, [
      ["Forwarded", "for=6.6.6.6;proto=https;host=evil.example"],
      ["X-Real-IP", "6.6.6.6"],
      ["CF-Connecting-IP", "6.6.6.6"],
    ]);
    expect(environ).toMatchObject({ REMOTE_ADDR: "10.0.0.1", "wsgi.url_scheme": "http" });
  });

  test("passes startResponse and the body through", () => {
    const body = [latin1("a")];
    const startResponse = () => async () => {};
    const seen: unknown[] = [];
    const application = trustedHops(1)((...parameters) => {
      seen.push(...parameters);
      return body;
    });
    const environ = environOf();
    expect(application(environ, startResponse)).toBe(body);
    expect(seen).toHaveLength(2);
    expect(seen[0]).toBe(environ);
    expect(seen[1]).toBe(startResponse);
  });

  test.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "1", true, null, undefined])(
    "refuses %o hops",
    (hops) => {
      expect(() => trustedHops(hops as number)).toThrow(coded("ERR_OPTION"));
    },
  );
});
