import { type Application, text } from "dram";
import { client } from "dram/test";
import { describe, expect, test } from "vitest";

/** `/STATUS?LOCATION` redirects there; anything else tells what has arrived. */
const application: Application = async (environ, startResponse) => {
  const [, status] = /^\/(30\d)$/.exec(environ.PATH_INFO) ?? [];
  if (status !== undefined) {
    startResponse(`${status} Moved`, [
      ["Location", decodeURIComponent(environ.QUERY_STRING)],
      ["Set-Cookie", `from=${status}; Path=/`],
    ]);
    return [];
  }
  const body = Buffer.from(await environ["wsgi.input"].read()).toString();
  const { REQUEST_METHOD, PATH_INFO, CONTENT_TYPE, CONTENT_LENGTH, HTTP_HOST } = environ;
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return text(
    [REQUEST_METHOD, HTTP_HOST, PATH_INFO, CONTENT_TYPE, CONTENT_LENGTH, environ.HTTP_COOKIE, body]
      .filter((part) => part !== undefined && part !== "")
      .join(" "),
  );
};

const { fetch } = client(application);

async function at(path: string, init: RequestInit = {}): Promise<string> {
  return (await client(application).fetch(path, init)).text();
}

describe("a redirect is followed", () => {
  test.each([
    ["GET", 301, "GET localhost /x from=301"],
    ["GET", 303, "GET localhost /x from=303"],
    ["POST", 301, "GET localhost /x from=301"],
    ["POST", 302, "GET localhost /x from=302"],
    ["POST", 303, "GET localhost /x from=303"],
    ["PUT", 303, "GET localhost /x from=303"],
    ["PUT", 302, "PUT localhost /x text/plain;charset=UTF-8 6 from=302 a body"],
    ["POST", 307, "POST localhost /x text/plain;charset=UTF-8 6 from=307 a body"],
    ["POST", 308, "POST localhost /x text/plain;charset=UTF-8 6 from=308 a body"],
  ])("%s after %i: %s", async (method, status, arrived) => {
    const init = method === "GET" ? {} : { method, body: "a body" };
    expect(await at(`/${status}?/x`, init)).toBe(arrived);
  });

  test("HEAD stays HEAD after 303", async () => {
    const response = await client(application).head("/303?/x");
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });

  test("relative to the request, and to another port", async () => {
    expect(await at("/302?x")).toBe("GET localhost /x from=302");
    expect(await at("/302?http%3A%2F%2Flocalhost%3A8080%2Fx")).toBe(
      "GET localhost:8080 /x from=302",
    );
  });

  test("once more", async () => {
    expect(await at("/302?/303%3F%2Fx")).toMatch(/^GET localhost \/x from=303$/);
  });

  test("without Authorization to another origin", async () => {
    const seen: unknown[] = [];
    const { get } = client((environ, startResponse) => {
      seen.push(environ.HTTP_AUTHORIZATION);
      startResponse("302 Found", [["Location", `http://localhost:${8000 + seen.length}/`]]);
      return [];
    });
    await expect(get("/", { headers: { Authorization: "Basic x" } })).rejects.toThrow(
      /20 redirects/,
    );
    expect(seen.slice(0, 2)).toEqual(["Basic x", undefined]);
  });
});

describe("a redirect is not followed", () => {
  test("if it is to be looked at", async () => {
    const response = await fetch("/302?/x", { redirect: "manual" });
    expect([response.status, response.headers.get("location")]).toEqual([302, "/x"]);
  });

  test("if it is to be an error", async () => {
    await expect(fetch("/302?/x", { redirect: "error" })).rejects.toThrow(
      "the application redirects to http://localhost/x: this request was not to be redirected",
    );
  });

  test("to another host", async () => {
    await expect(fetch("/302?http%3A%2F%2Fevil.example%2F")).rejects.toThrow(/has no network/);
  });

  test("with a stream that was sent", async () => {
    const body = ReadableStream.from([Buffer.from("x")]);
    await expect(fetch("/307?/x", { method: "POST", body } as RequestInit)).rejects.toThrow(
      /cannot be sent twice/,
    );
  });

  test("for ever", async () => {
    const { get } = client((_environ, startResponse) => {
      startResponse("302 Found", [["Location", "/"]]);
      return [];
    });
    await expect(get("/")).rejects.toThrow(/20 redirects were followed before/);
  });

  test("without a Location", async () => {
    const { get } = client((_environ, startResponse) => {
      startResponse("302 Found", []);
      return [];
    });
    expect((await get("/")).status).toBe(302);
  });
});
