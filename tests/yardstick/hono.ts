import type { Application } from "dram";
import { fromFetch } from "dram/from/fetch";
import { Hono } from "hono";
import { basicAuth } from "hono/basic-auth";
import { bodyLimit } from "hono/body-limit";
import { compress } from "hono/compress";
import { deleteCookie, getCookie, getSignedCookie, setCookie, setSignedCookie } from "hono/cookie";
import { cors } from "hono/cors";
import { etag } from "hono/etag";
import { HTTPException } from "hono/http-exception";
import { secureHeaders } from "hono/secure-headers";
import { stream, streamSSE, streamText } from "hono/streaming";
import { timeout } from "hono/timeout";

const SECRET = "a secret of the tests";
const LONG = "A line that compresses well. ".repeat(200);

/** Hono's own helpers and middleware, as its documentation uses them. */
export const app = new Hono();

app.use("/compressed/*", compress());
app.use("/tagged/*", etag());
app.use("/shared/*", cors({ origin: "https://other.example", credentials: true, maxAge: 600 }));
app.use("/limited/*", bodyLimit({ maxSize: 10, onError: (c) => c.text("too large", 413) }));
app.use("/private/*", basicAuth({ username: "user", password: "pass wörd" }));
app.use("/secure/*", secureHeaders());
app.use("/slow/*", timeout(5));

app.get("/text", (c) => c.text("größe"));
app.get("/json", (c) => c.json({ hello: "wörld" }, 201));
app.get("/html", (c) => c.html("<h1>größe</h1>"));
app.get("/bytes", (c) => c.body(Uint8Array.from({ length: 256 }, (_, index) => index)));
app.get("/nothing", (c) => c.body(null, 204));
app.get("/unchanged", (c) => {
  c.header("ETag", '"x"');
  return c.body(null, 304);
});
app.get("/empty", (c) => c.body(""));
app.get("/moved", (c) => c.redirect("/text?from=moved", 301));
app.get("/headers", (c) => {
  c.header("X-Twice", "one");
  c.header("X-Twice", "two", { append: true });
  c.header("Cache-Control", "no-store");
  return c.text("");
});
app.get("/fails", () => {
  throw new Error("on purpose");
});
app.get("/teapot", () => {
  throw new HTTPException(418, { message: "short and stout" });
});
app.get("/params/:first/:second{[0-9]+}", (c) => c.json({ ...c.req.param(), ...c.req.query() }));
app.get("/queries", (c) => c.json(c.req.queries()));

app.get("/cookies", async (c) =>
  c.json({ plain: getCookie(c), signed: await getSignedCookie(c, SECRET, "signed") }),
);
app.get("/cookies/set", async (c) => {
  setCookie(c, "plain", "größe; %", { path: "/", httpOnly: true, maxAge: 60 });
  setCookie(c, "expiring", "1", { expires: new Date(0), sameSite: "Lax", secure: true });
  await setSignedCookie(c, "signed", "value", SECRET);
  deleteCookie(c, "old", { path: "/old" });
  return c.text("set");
});

app.get("/stream", (c) =>
  stream(c, async (out) => {
    await out.write("first,");
    await out.sleep(5);
    await out.write(new Uint8Array([0xff, 0x00]));
    await out.pipe(new Response(",piped").body ?? new ReadableStream());
  }),
);
app.get("/stream/text", (c) =>
  streamText(c, async (out) => {
    await out.writeln("größe");
    await out.sleep(5);
    await out.write("end");
  }),
);
app.get("/stream/events", (c) =>
  streamSSE(c, async (out) => {
    await out.writeSSE({ id: "1", event: "tick", data: "one\ntwo" });
    await out.sleep(5);
    await out.writeSSE({ data: "größe", retry: 1000 });
  }),
);

app.get("/compressed/text", (c) => c.text(LONG));
app.get("/compressed/short", (c) => {
  c.header("Content-Length", "5");
  return c.text("short");
});
app.get("/tagged/text", (c) => c.text("tagged"));
app.all("/shared/text", (c) => c.text("shared"));
app.post("/limited/text", async (c) => c.text(await c.req.text()));
app.get("/private/text", (c) => c.text("private"));
app.get("/secure/text", (c) => c.text("secure"));
app.get("/slow/text", async (c) => {
  await new Promise((resolve) => setTimeout(resolve, 100));
  return c.text("too late");
});

app.post("/echo", (c) => new Response(c.req.raw.body, { headers: { "X-Echo": "1" } }));
app.post("/form", async (c) => c.json(await c.req.parseBody({ all: true })));
app.post("/upload", async (c) => {
  const { file, ...fields } = await c.req.parseBody();
  return file instanceof File
    ? c.json({ ...fields, name: file.name, type: file.type, text: await file.text() })
    : c.text("no file", 400);
});
app.put("/json", async (c) => c.json(await c.req.json()));
app.on("PURGE", "/cache", (c) => c.text("purged"));
app.all("/method", (c) => c.text(c.req.method));

app.mount("/mounted", (request: Request) => new Response(new URL(request.url).pathname));
app.route(
  "/below",
  new Hono().basePath("/base").get("/page", (c) => c.text(c.req.path)),
);

app.notFound((c) => c.json({ missing: c.req.path }, 404));
app.onError((error, c) =>
  error instanceof HTTPException ? error.getResponse() : c.text(`caught: ${error.message}`, 500),
);

export const application: Application = fromFetch(app.fetch);

/** As any middleware of WSGI between, which leaves nothing of the platform's own to hand through. */
export const changed: Application = (environ, startResponse) =>
  application({ ...environ, HTTP_X_CHANGED: "1" }, (status, headers, error) =>
    startResponse(status, headers.toReversed(), error),
  );
