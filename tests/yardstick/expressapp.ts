import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import compression from "compression";
import cookieParser from "cookie-parser";
import express, { type Express, type NextFunction, type Request, type Response } from "express";
import session from "express-session";
import multer from "multer";

declare module "express-session" {
  interface SessionData {
    name: string;
    visits: number;
  }
}

const FILES = join(import.meta.dirname, "public");

/** An Express application that does what such applications do, and nothing that chance decides. */
export function createApp(): Express {
  const app = express();
  app.set("env", "production");
  app.set("json spaces", 2);
  addAnswers(app);
  addBodies(app);
  addFiles(app);
  addSessions(app);
  addStreams(app);
  addRouters(app);
  addFailures(app);
  return app;
}

function addAnswers(app: Express): void {
  app.get("/", (_request, response) => response.send("<p>hello</p>"));
  app.get("/empty", (_request, response) => response.end());
  app.get("/buffer", (_request, response) => response.send(Buffer.from([0, 255, 1])));
  app.get("/json", (_request, response) => response.json({ a: [1, "caf\u00e9"] }));
  app.get("/jsonp", (_request, response) => response.jsonp({ a: 1 }));
  app.get("/status/:code", (request, response) => response.sendStatus(Number(request.params.code)));
  app.get("/redirect", (_request, response) => response.redirect("/other?a=caf\u00e9"));
  app.get("/moved", (_request, response) => response.redirect(301, "https://other.example/x"));
  app.get("/format", (_request, response) =>
    response.format({
      text: () => response.send("text"),
      html: () => response.send("<p>html</p>"),
      json: () => response.send({ json: true }),
    }),
  );
  app.get("/headers", (_request, response) => {
    response.set({ "X-One": "1", "X-Two": ["2", "3"] });
    response.append("X-One", "more").vary("Accept").links({ next: "/2" }).type("svg");
    response.attachment("caf\u00e9.svg").location("/here").status(202).end("<svg/>");
  });
  app.get("/vary", (request, response) => {
    response.set("Cache-Control", "max-age=60").send(request.get("x-many") ?? "none");
  });
  app.get("/request", (request, response) => {
    const { method, url, originalUrl, path, hostname, query, subdomains, xhr } = request;
    const accepted = request.acceptsLanguages("de", "en");
    response.json({ method, url, originalUrl, path, hostname, query, subdomains, xhr, accepted });
  });
  app
    .route("/methods")
    .put((_request, response) => response.send("put"))
    .patch((_request, response) => response.send("patch"))
    .delete((_request, response) => response.status(204).end());
}

function addBodies(app: Express): void {
  const upload = multer({ limits: { fileSize: 1000 } });
  const echo = (request: Request, response: Response): void => {
    const { body } = request;
    response.json(Buffer.isBuffer(body) ? { bytes: [...body] } : { body: body ?? "none" });
  };
  app.post("/echo/json", express.json({ limit: 100 }), echo);
  app.post("/echo/form", express.urlencoded({ extended: true }), echo);
  app.post("/echo/raw", express.raw(), echo);
  app.post("/echo/text", express.text(), echo);
  app.post("/echo/any", express.json(), echo);
  app.post("/upload", upload.array("files"), (request, response) => {
    const files = Array.isArray(request.files) ? request.files : [];
    response.json({
      fields: { ...request.body },
      files: files.map(({ originalname, mimetype, size, buffer }) => [
        ...[originalname, mimetype, size],
        buffer.toString("latin1"),
      ]),
    });
  });
  app.post("/pipe", (request, response) => {
    request.pipe(response.type("bin"));
  });
}

function addFiles(app: Express): void {
  app.use("/static", express.static(FILES, { maxAge: "1h" }));
  app.get("/file", (_request, response) => response.sendFile("file.txt", { root: FILES }));
  app.get("/lost", (_request, response) => response.sendFile("lost.txt", { root: FILES }));
  app.get("/download", (_request, response) =>
    response.download(join(FILES, "with space.json"), "caf\u00e9 file.json"),
  );
}

function addSessions(app: Express): void {
  let count = 0;
  const sessions = session({
    ...{ secret: "a secret", resave: false, saveUninitialized: false, name: "sid" },
    genid: () => `session-${++count}`,
  });
  app.post("/login", sessions, express.urlencoded(), (request, response) => {
    request.session.name = String(request.body.name);
    response.redirect(303, "/me");
  });
  app.get("/me", sessions, (request, response) => {
    request.session.visits = (request.session.visits ?? 0) + 1;
    response.send(`${request.session.name ?? "nobody"} ${request.session.visits}`);
  });
  app.post("/logout", sessions, (request, response, next) => {
    request.session.destroy((error) => (error ? next(error) : response.send("gone")));
  });
  app.get("/cookies", cookieParser("a secret"), (request, response) => {
    const { cookies, signedCookies } = request;
    response.cookie("plain", "caf\u00e9; x", { path: "/", sameSite: "lax", secure: true });
    response.cookie("signed", { a: 1 }, { signed: true, httpOnly: true });
    response.clearCookie("old").json({ cookies, signedCookies });
  });
}

function addStreams(app: Express): void {
  app.get("/stream", async (_request, response) => {
    response.type("text");
    for (let line = 0; line < 5; line++) {
      response.write(`line ${line}\n`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    response.end();
  });
  app.get("/events", (_request, response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
    response.flushHeaders();
    let sent = 0;
    const timer = setInterval(() => {
      response.write(`data: ${sent++}\n\n`);
      if (sent === 3) {
        clearInterval(timer);
        response.end();
      }
    }, 5);
  });
  app.get("/pipeline", async (_request, response) => {
    const chunks = Array.from({ length: 40 }, (_, index) => Buffer.alloc(10_000, index));
    await pipeline(Readable.from(chunks), response.type("bin"));
  });
  const squeezed = express.Router().use(compression({ threshold: 100 }));
  squeezed.get("/text", (_request, response) => response.send("squeeze me ".repeat(1000)));
  squeezed.get("/small", (_request, response) => response.send("small"));
  squeezed.get("/flushed", (_request, response) => {
    response.type("text").write("first ".repeat(100));
    response.flush();
    setTimeout(() => response.end("second ".repeat(100)), 5);
  });
  app.use("/compressed", squeezed);
}

function addRouters(app: Express): void {
  const inner = express.Router({ mergeParams: true });
  inner.get("/here{/:rest}", (request, response) => {
    const { url, baseUrl, originalUrl, params } = request;
    response.json({ url, baseUrl, originalUrl, params });
  });
  app.use("/outer/:id", inner);
  const behind = express();
  behind.set("trust proxy", 1);
  behind.get("/", (request, response) => {
    const { ip, ips, protocol, secure, hostname } = request;
    response.json({ ip, ips, protocol, secure, hostname });
  });
  app.use("/behind", behind);
}

function addFailures(app: Express): void {
  app.get("/throws", () => {
    throw new Error("secret");
  });
  app.get("/rejects", async () => {
    throw Object.assign(new Error("told"), { status: 418, expose: true });
  });
  app.get("/next", (_request, _response, next) => next(new Error("custom")));
  app.get("/late", async (_request, response) => {
    response.set("X-Set", "1");
    await null;
    throw Object.assign(new Error("later"), { status: 503, headers: { "Retry-After": "5" } });
  });
  app.use((error: Error, _request: Request, response: Response, next: NextFunction) => {
    if (error.message === "custom") {
      response.status(500).json({ error: error.message });
    } else {
      next(error);
    }
  });
}
