import { createHash, randomBytes } from "node:crypto";
import { expect } from "vitest";
import { until } from "../../targets/target.ts";
import type { Check } from "./check.ts";
import { Visitor } from "./visitor.ts";

/** A PNG of one pixel, and something behind it. */
const PICTURE = Buffer.concat([
  Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  ),
  randomBytes(3000),
]);

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Of flaskmore, which has the whole of examples/flask in it. */
export const FLASK: readonly Check[] = [
  {
    name: "the board is a page, rendered from templates",
    async run(visitor) {
      const page = await visitor.visit("/");
      expect([page.status, page.header("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
      expect(page.text).toContain("<h1>Pin something to the board</h1>");
      expect(page.text).toMatch(/Flask 3\.\S+ on Python 3\.\d+\.\d+ \((?:linux|emscripten)\)/);
      expect(page.bytes.length).toBe(Number(page.header("content-length")));
    },
  },
  {
    name: "every address on the page is below the mount",
    async run(visitor) {
      const { text } = await visitor.visit("/");
      const addresses = [...text.matchAll(/(?:href|action|src)="(\/[^"]*)"/g)].map(([, at]) => at);
      expect(addresses).toContain(`${visitor.site.mount}/static/style.css`);
      expect(addresses.filter((at) => !at?.startsWith(`${visitor.site.mount}/`))).toEqual([]);
    },
  },
  {
    name: "a form is taken, and its text comes back escaped",
    async run(visitor) {
      const form = { name: " Gr\u00e4fin <b> ", words: 'a & b = "c" + \ud83c\udf0d' };
      const written = await visitor.visit("/", { form });
      expect([written.status, written.header("location")]).toEqual([303, `${visitor.site.mount}/`]);
      const { text } = await visitor.visit("/");
      expect(text).toContain(
        "Gr\u00e4fin &lt;b&gt;</a> a &amp; b = &#34;c&#34; + \ud83c\udf0d</li>",
      );
    },
  },
  {
    name: "a form with nothing in it is refused with the page",
    async run(visitor) {
      const refused = await visitor.visit("/", { form: { name: "Ada", words: " " } });
      expect(refused.status).toBe(422);
      expect(refused.text).toContain('<p role="status">A name and some words, please.</p>');
    },
  },
  {
    name: "a session keeps the visitor's name, and flashes a message once",
    async run(visitor) {
      await visitor.visit("/", { form: { name: "Mary", words: "Again" } });
      const flashed = "It is on the board.";
      expect((await visitor.visit("/")).text).toContain(flashed);
      const { text } = await visitor.visit("/");
      expect(text).toContain("Welcome back, Mary");
      expect(text).not.toContain(flashed);
      expect((await new Visitor(visitor.site).visit("/")).text).not.toContain("Mary,");
    },
  },
  {
    name: "a session that was tampered with counts for nothing, and one can be ended",
    async run(visitor) {
      await visitor.visit("/", { form: { name: "Eve", words: "Hello" } });
      const session = visitor.cookies.get("session") ?? "";
      visitor.cookies.set(
        "session",
        session.replace(/^./, (first) => (first === "e" ? "f" : "e")),
      );
      expect((await visitor.visit("/")).text).not.toContain("Welcome back");
      visitor.cookies.set("session", session);
      expect((await visitor.visit("/")).text).toContain("Welcome back, Eve");
      await visitor.visit("/forget", { method: "POST" });
      expect(visitor.cookies.has("session")).toBe(false);
    },
  },
  {
    name: "a note is posted as JSON, and listed as JSON",
    async run(visitor) {
      const note = { name: "J\u00f6", words: "\u4e16\u754c" };
      const posted = await visitor.visit("/notes.json", { json: note });
      const { number } = JSON.parse(posted.text);
      expect([posted.status, posted.header("location")]).toEqual([
        201,
        `${visitor.site.mount}/notes/${number}`,
      ]);
      const listed = await visitor.visit("/notes.json");
      expect(listed.header("content-type")).toBe("application/json");
      expect(JSON.parse(listed.text)).toContainEqual({ number, ...note });
      expect((await visitor.visit(`/notes/${number}`)).text).toContain(
        "<b>J\u00f6</b> \u4e16\u754c",
      );
    },
  },
  {
    name: "JSON that is none is refused with JSON",
    async run(visitor) {
      const headers = { "Content-Type": "application/json" };
      const broken = await visitor.visit("/notes.json", { body: Buffer.from("{"), headers });
      expect([broken.status, Object.keys(JSON.parse(broken.text))]).toEqual([400, ["error"]]);
      const text = await visitor.visit("/notes.json", { body: Buffer.from("hello") });
      expect(text.status).toBe(415);
      const wrong = await visitor.visit("/notes.json", { json: { name: "Ada" } });
      expect([wrong.status, JSON.parse(wrong.text)]).toEqual([
        422,
        { error: "name and words are texts, and not empty" },
      ]);
    },
  },
  {
    name: "an uploaded picture comes back as it was",
    async run(visitor) {
      const picture = new File([PICTURE], "Bild \u00fc & 1.png", { type: "image/png" });
      const uploaded = await visitor.visit("/pictures", { form: { picture } });
      expect([uploaded.status, uploaded.header("location")]).toEqual([
        303,
        `${visitor.site.mount}/`,
      ]);
      const path = "/pictures/Bild%20%C3%BC%20&%201.png";
      const source = `src="${visitor.site.mount}${path.replace("&", "&amp;")}"`;
      expect((await visitor.visit("/")).text).toContain(source);
      const found = await visitor.visit(path);
      expect([found.status, found.header("content-type"), found.bytes.equals(PICTURE)]).toEqual([
        200,
        "image/png",
        true,
      ]);
      expect(found.header("content-disposition")).toContain("UTF-8''Bild%20%C3%BC%20&%201.png");
    },
  },
  {
    name: "an upload that is no picture is refused",
    async run(visitor) {
      const picture = new File(["text"], "text.txt", { type: "text/plain" });
      expect((await visitor.visit("/pictures", { form: { picture } })).status).toBe(422);
      expect((await visitor.visit("/pictures/text.txt")).status).toBe(404);
    },
  },
  {
    name: "a part of a picture can be asked for, and whether it has changed",
    async run(visitor) {
      const picture = new File([PICTURE], "range.png", { type: "image/png" });
      await visitor.visit("/pictures", { form: { picture } });
      const path = "/pictures/range.png";
      const part = await visitor.visit(path, { headers: { Range: "bytes=1000-1999" } });
      expect([part.status, part.header("content-range")]).toEqual([
        206,
        `bytes 1000-1999/${PICTURE.length}`,
      ]);
      expect(part.bytes.equals(PICTURE.subarray(1000, 2000))).toBe(true);
      const beyond = await visitor.visit(path, { headers: { Range: "bytes=9999999-" } });
      expect([beyond.status, beyond.header("content-range")]).toEqual([
        416,
        `bytes */${PICTURE.length}`,
      ]);
      const etag = part.header("etag") ?? "";
      const same = await visitor.visit(path, { headers: { "If-None-Match": etag } });
      expect([same.status, same.bytes.length, same.header("etag")]).toEqual([304, 0, etag]);
    },
  },
  {
    name: "a body is hashed, byte by byte, as it was sent",
    async run(visitor) {
      const body = randomBytes(1_500_000);
      const { text } = await visitor.visit("/more/digest", { body, method: "PUT" });
      expect(JSON.parse(text)).toEqual({ size: body.length, sha256: sha256(body) });
    },
  },
  {
    name: "a body whose length nobody knows is read to its end",
    needs: ["chunked request"],
    async run(visitor) {
      const body = randomBytes(300_000);
      async function* pieces() {
        for (let start = 0; start < body.length; start += 50_000) {
          yield body.subarray(start, start + 50_000);
        }
      }
      const { text } = await visitor.visit("/more/digest", { body: pieces() });
      expect(JSON.parse(text)).toEqual({ size: body.length, sha256: sha256(body) });
    },
  },
  {
    name: "a body larger than the application takes is refused with the application's page",
    async run(visitor) {
      const small = await visitor.visit("/more/small", { body: Buffer.alloc(1000) });
      expect(JSON.parse(small.text)).toEqual({ size: 1000 });
      const large = await visitor.visit("/more/small", { body: Buffer.alloc(1001) });
      expect(large.status).toBe(413);
      expect(large.text).toContain("<h1>413 Request Entity Too Large</h1>");
    },
  },
  {
    name: "a page that is not there is told so by the application's page",
    async run(visitor) {
      const page = await visitor.visit("/notes/999999");
      expect(page.status).toBe(404);
      expect(page.text).toContain("<p>This note is not on the board.</p>");
      expect(page.text).toContain(`<a href="${visitor.site.mount}/">Back to the board</a>`);
    },
  },
  {
    name: "a method that is not allowed is told which are",
    async run(visitor) {
      const page = await visitor.visit("/poem", { method: "PUT" });
      expect([page.status, page.header("allow")?.split(", ").toSorted()]).toEqual([
        405,
        ["GET", "HEAD", "OPTIONS"],
      ]);
      expect((await visitor.visit("/poem", { method: "OPTIONS" })).status).toBe(200);
    },
  },
  {
    name: "a view that fails is answered with 500, and its traceback is in the log",
    async run(visitor) {
      const page = await visitor.visit("/more/fails");
      expect(page.status).toBe(500);
      expect(page.text).not.toContain("RuntimeError");
      await until(() => logOf(visitor).includes("RuntimeError: a view of the tests fails"));
      expect(logOf(visitor)).toMatch(/File ".*flaskmore\.py", line \d+, in fails/);
    },
  },
  {
    name: "a body that fails in its middle does not end as if it were whole",
    needs: ["break"],
    async run(visitor) {
      await expect(visitor.visit("/more/breaks")).rejects.toThrow();
      await until(() => logOf(visitor).includes("the second piece is missing"));
      expect((await visitor.visit("/")).status).toBe(200);
    },
  },
  {
    name: "a stream has the session and the arguments of its request",
    async run(visitor) {
      await visitor.visit("/", { form: { name: "Lena", words: "Hello" } });
      const poem = await visitor.visit("/poem?lines=2");
      expect(poem.text).toBe("1. A note for Lena.\n2. A note for Lena.\n");
      expect(poem.header("content-length")).toBeOneOf([undefined, String(poem.bytes.length)]);
    },
  },
  {
    name: "a stream arrives as it is made",
    needs: ["stream"],
    async run(visitor) {
      const { chunks } = await visitor.open("/more/slowly?pieces=4");
      const arrivals: number[] = [];
      for await (const _chunk of chunks) {
        arrivals.push(performance.now());
      }
      expect(arrivals.length).toBeGreaterThan(1);
      expect((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)).toBeGreaterThan(150);
    },
  },
  {
    name: "a stream whose client leaves is closed",
    needs: ["stream"],
    async run(visitor) {
      const name = randomBytes(4).toString("hex");
      const response = await visitor.open(`/more/slowly?pieces=100&name=${name}`);
      for await (const _chunk of response.chunks) {
        break;
      }
      response.leave();
      await until(async () => (await visitor.visit("/more/closed")).text.includes(name), 15_000);
    },
  },
  {
    name: "HEAD is answered as GET, but for the body",
    async run(visitor) {
      const got = await visitor.visit("/notes.json");
      const head = await visitor.visit("/notes.json", { method: "HEAD" });
      expect([head.status, head.bytes.length, head.header("content-type")]).toEqual([
        200,
        0,
        "application/json",
      ]);
      expect(head.header("content-length")).toBeOneOf([undefined, got.header("content-length")]);
    },
  },
  {
    name: "static files have a type, and can be asked whether they have changed",
    async run(visitor) {
      const file = await visitor.visit("/static/style.css");
      expect([file.status, file.header("content-type")]).toEqual([200, "text/css; charset=utf-8"]);
      expect(file.text).toMatch(/^:root \{/);
      const etag = file.header("etag") ?? "";
      const again = await visitor.visit("/static/style.css", {
        headers: { "If-None-Match": etag },
      });
      expect([again.status, again.bytes.length]).toEqual([304, 0]);
      expect((await visitor.visit("/static/%2e%2e/app.py")).status).toBe(404);
    },
  },
  {
    name: "url_for knows the mount, the scheme and the host",
    async run(visitor) {
      const { origin, mount } = visitor.site;
      const { text } = await visitor.visit("/more/urls?a=1&b=%C3%A4");
      expect(JSON.parse(text)).toEqual({
        inside: `${mount}/`,
        outside: `${origin}${mount}/`,
        base: `${origin}${mount}/more/urls`,
        root: mount,
        full: "/more/urls?a=1&b=%C3%A4",
        secure: origin.startsWith("https:"),
      });
    },
  },
  {
    name: "a missing slash is added",
    async run(visitor) {
      const { origin, mount } = visitor.site;
      const moved = await visitor.visit("/more/folder?a=1");
      expect(moved.status).toBe(308);
      expect(new URL(moved.header("location") ?? "", origin).href).toBe(
        `${origin}${mount}/more/folder/?a=1`,
      );
      expect((await visitor.visit("/more/folder/")).text).toBe("folder");
    },
  },
  {
    name: "a redirect away from the site is encoded",
    async run(visitor) {
      const away = await visitor.visit("/more/away");
      expect([away.status, away.header("location")]).toEqual([
        302,
        "https://example.com/%C3%A4?q=1",
      ]);
    },
  },
  {
    name: "arguments keep their order, their blanks and their bytes",
    async run(visitor) {
      const { text } = await visitor.visit("/more/arguments?a=1&b=%C3%A4+%2B&a=2&c=&d=%26%3D");
      expect(JSON.parse(text)).toEqual({ a: ["1", "2"], b: ["\u00e4 +"], c: [""], d: ["&="] });
    },
  },
  {
    name: "a path is decoded once",
    async run(visitor) {
      const { text } = await visitor.visit("/more/path/%E4%B8%96/a%20b/%2525");
      expect(JSON.parse(text)).toBe("\u4e16/a b/%25");
    },
  },
  {
    name: "cookies come in, and each goes out by itself",
    async run(visitor) {
      const headers = { Cookie: 'x=1; y="a b"; z=%C3%A4' };
      const page = await visitor.visit("/more/cookies", { headers });
      expect(JSON.parse(page.text)).toEqual({ x: "1", y: "a b", z: "%C3%A4" });
      expect(page.headers.filter(([name]) => name === "set-cookie")).toEqual([
        ["set-cookie", 'a="1\\054 2"; Path=/'],
        ["set-cookie", "b=3; HttpOnly; Path=/b"],
      ]);
    },
  },
  {
    name: "a response without content has none",
    async run(visitor) {
      const empty = await visitor.visit("/more/status/204");
      expect([empty.status, empty.bytes.length]).toEqual([204, 0]);
      expect((await visitor.visit("/more/status/418")).status).toBe(418);
    },
  },
  {
    name: "a reason phrase of the application's own is sent",
    needs: ["reason"],
    async run(visitor) {
      const { status, reason } = await visitor.visit("/more/reason");
      expect([status, reason]).toEqual([299, "Rather Fine"]);
    },
  },
  {
    name: "headers come in, and repeated ones go out",
    async run(visitor) {
      const page = await visitor.visit("/more/headers", { headers: { "X-Sent": "a, b" } });
      expect(JSON.parse(page.text)).toEqual({ sent: "a, b", twice: null });
      expect(page.header("link")).toBe("<a>; rel=x, <b>; rel=y");
    },
  },
  {
    name: "a header has the bytes that it was given",
    needs: ["bytes in headers"],
    async run(visitor) {
      expect((await visitor.visit("/more/headers")).header("x-latin")).toBe("caf\u00e9");
    },
  },
  {
    name: "visitors at the same time do not see one another",
    needs: ["concurrency"],
    async run({ site }) {
      const names = Array.from({ length: 20 }, (_, number) => `visitor-${number}`);
      const pages = await Promise.all(
        names.map((name) => new Visitor(site).visit(`/more/whoami?name=${name}`)),
      );
      expect(pages.map(({ text }) => text)).toEqual(names.map((name) => `${name} ${name}`));
    },
  },
];

function logOf({ site }: Visitor): string {
  return site.target.log.join("\n");
}
