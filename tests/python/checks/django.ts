import { gunzipSync } from "node:zlib";
import { expect } from "vitest";
import { until } from "../../targets/target.ts";
import type { Check } from "./check.ts";
import { type Answer, type Visit, Visitor } from "./visitor.ts";

/** Of examples/django. */
export const DJANGO: readonly Check[] = [
  {
    name: "the list is a page of what the migrations have put into sqlite",
    async run(visitor) {
      const page = await visitor.visit("/");
      expect([page.status, page.header("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
      expect(page.text).toContain("<b>Middlemarch</b> George Eliot");
      expect(page.text).toMatch(/Django 5\.\S+ on Python 3\.\d+\.\d+ \((?:linux|emscripten)\)/);
    },
  },
  {
    name: "every address on the page is below the mount",
    async run(visitor) {
      const { text } = await visitor.visit("/");
      const addresses = [...text.matchAll(/(?:href|action|src)="(\/[^"]*)"/g)].map(([, at]) => at);
      expect(addresses).toContain(`${visitor.site.mount}/static/books/style.css`);
      expect(addresses.filter((at) => !at?.startsWith(`${visitor.site.mount}/`))).toEqual([]);
    },
  },
  {
    name: "a form without the token of its page is refused",
    async run(visitor) {
      const form = { title: "Emma", author: "Jane Austen" };
      expect((await visitor.visit("/", { form })).status).toBe(403);
      await visitor.visit("/");
      const csrfmiddlewaretoken = "x".repeat(64);
      expect((await visitor.visit("/", { form: { ...form, csrfmiddlewaretoken } })).status).toBe(
        403,
      );
      expect((await visitor.visit("/")).text).not.toContain("Emma");
    },
  },
  {
    name: "a form with it is taken, and a message says so once",
    async run(visitor) {
      const form = { title: "\u00dcber <b> & mehr", author: "Ren\u00e9e \ud83c\udf0d" };
      const taken = await submit(visitor, "/", form);
      expect([taken.status, taken.header("location")]).toEqual([302, `${visitor.site.mount}/`]);
      const { text } = await visitor.visit("/");
      expect(text).toContain("<b>\u00dcber &lt;b&gt; &amp; mehr</b> Ren\u00e9e \ud83c\udf0d");
      expect(text).toContain('<p role="status" class="success">\u00dcber &lt;b&gt;');
      expect((await visitor.visit("/")).text).not.toContain('role="status"');
    },
  },
  {
    name: "a book that is on the list already is refused by the database's constraint",
    async run(visitor) {
      const form = { title: "Middlemarch", author: "George Eliot" };
      const refused = await submit(visitor, "/", form);
      expect(refused.status).toBe(422);
      expect(refused.text).toContain("errorlist");
    },
  },
  {
    name: "a book is marked as read, and the numbers follow",
    async run(visitor) {
      const marked = await submit(visitor, "/books/2/", { read: "" });
      expect(marked.status).toBe(302);
      const { books } = JSON.parse((await visitor.visit("/books.json")).text);
      expect(books).toContainEqual({
        id: 2,
        title: "Silas Marner",
        author: "George Eliot",
        read: true,
      });
      expect((await submit(visitor, "/books/999999/", { read: "" })).status).toBe(404);
    },
  },
  {
    name: "the ORM filters and counts",
    async run(visitor) {
      const { text } = await visitor.visit("/?author=George%20Eliot");
      expect(text).toContain("<h1>Books by George Eliot</h1>");
      expect(text).toContain("George Eliot <small>2</small>");
      expect(text).not.toContain("<b>The Time Machine</b>");
    },
  },
  {
    name: "a session counts the visits of one visitor",
    async run(visitor) {
      await visitor.visit("/");
      await visitor.visit("/");
      expect((await visitor.visit("/")).text).toContain("Visit number 3 ");
      expect((await new Visitor(visitor.site).visit("/")).text).toContain("Visit number 1 ");
    },
  },
  {
    name: "an async view awaits two queries at once",
    async run(visitor) {
      const summary = await visitor.visit("/summary.json");
      expect(summary.status).toBe(200);
      const { books } = JSON.parse((await visitor.visit("/books.json")).text);
      expect(JSON.parse(summary.text)).toMatchObject({ books: books.length });
    },
  },
  {
    name: "an async view waits on an event loop",
    async run(visitor) {
      expect(JSON.parse((await visitor.visit("/more/waits/")).text)).toEqual({ waited: [0, 1, 2] });
    },
  },
  {
    name: "a stream arrives as it is made",
    needs: ["stream"],
    async run(visitor) {
      const { chunks } = await visitor.open("/more/slowly/");
      const arrivals: number[] = [];
      for await (const _chunk of chunks) {
        arrivals.push(performance.now());
      }
      expect((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)).toBeGreaterThan(150);
    },
  },
  {
    name: "a list is imported from a file",
    async run(visitor) {
      const list = new File(
        ["Emma,Jane Austen\nPersuasion,Jane Austen\n\u00c9mile,Rousseau\n"],
        "l.csv",
      );
      expect((await submit(visitor, "/import/", { list })).status).toBe(302);
      const { text } = await visitor.visit("/");
      expect(text).toContain("3 new books.");
      expect(text).toContain("<b>\u00c9mile</b> Rousseau");
    },
  },
  {
    name: "a large file goes through a temporary one",
    async run(visitor) {
      // Django keeps up to 2.5 MiB in memory.
      const line = "nothing to import from this line\n";
      const list = new File([line.repeat(90_000), "Orlando,Virginia Woolf\n"], "large.csv");
      expect((await submit(visitor, "/import/", { list })).status).toBe(302);
      expect((await visitor.visit("/")).text).toContain("1 new books.");
    },
  },
  {
    name: "the list is exported as a stream",
    async run(visitor) {
      const file = await visitor.visit("/books.csv");
      expect([file.header("content-type"), file.header("content-disposition")]).toEqual([
        "text/csv",
        'attachment; filename="books.csv"',
      ]);
      expect(file.text).toMatch(/^Middlemarch,George Eliot\r$/m);
    },
  },
  {
    name: "a page that Django has compressed is compressed once",
    async run(visitor) {
      const page = await visitor.visit("/", { headers: { "Accept-Encoding": "gzip" } });
      expect(page.header("content-encoding")).toBe("gzip");
      expect(gunzipSync(page.bytes).toString()).toContain("<h1>What to read</h1>");
    },
  },
  {
    name: "static files are found, and can be asked whether they have changed",
    async run(visitor) {
      const file = await visitor.visit("/static/admin/css/base.css");
      expect([file.status, file.header("content-type")]).toEqual([200, "text/css"]);
      expect(file.text).toContain("--primary: #79aec8;");
      const since = file.header("last-modified") ?? "";
      const again = await visitor.visit("/static/admin/css/base.css", {
        headers: { "If-Modified-Since": since },
      });
      expect([again.status, again.bytes.length]).toEqual([304, 0]);
      const jquery = await visitor.visit("/static/admin/js/vendor/jquery/jquery.js");
      expect([jquery.status, jquery.header("content-type")]).toEqual([200, "text/javascript"]);
      expect(jquery.bytes.length).toBeGreaterThan(80_000);
      expect((await visitor.visit("/static/%2e%2e/settings.py")).status).toBeOneOf([400, 404]);
    },
  },
  {
    name: "the admin asks for a password, and knows a wrong one",
    async run(visitor) {
      const moved = await visitor.visit("/admin/");
      const { mount } = visitor.site;
      const login = `${mount}/admin/login/?next=${mount}/admin/`;
      expect([moved.status, moved.header("location")]).toEqual([302, login]);
      const refused = await submit(visitor, "/admin/login/", { username: "admin", password: "x" });
      expect(refused.status).toBe(200);
      expect(refused.text).toContain("Please enter the correct username and password");
      expect((await visitor.visit("/admin/")).status).toBe(302);
    },
  },
  {
    name: "the admin adds, finds, changes and deletes a book",
    async run(visitor) {
      await logIn(visitor);
      const book = { title: "Evelina", author: "Frances Burney" };
      expect((await submit(visitor, "/admin/books/book/add/", book)).status).toBe(302);
      const found = await visitor.visit("/admin/books/book/?q=evelina");
      expect(found.text).toContain("1 result");
      const [, number] = /\/admin\/books\/book\/(\d+)\/change\//.exec(found.text) ?? [];
      const page = `/admin/books/book/${number}`;
      const changed = { ...book, title: "Camilla", read: "on" };
      expect((await submit(visitor, `${page}/change/`, changed)).status).toBe(302);
      expect((await visitor.visit(`${page}/change/`)).text).toContain("Camilla by Frances Burney");
      expect((await submit(visitor, `${page}/delete/`, { post: "yes" })).status).toBe(302);
      expect((await visitor.visit("/books.json")).text).not.toContain("Camilla");
    },
  },
  {
    name: "the admin makes a user, who then logs in",
    async run(visitor) {
      await logIn(visitor);
      const username = `ada${Date.now()}`;
      const password = "a long enough one";
      const user = {
        username,
        usable_password: "true",
        password1: password,
        password2: password,
      };
      const made = await submit(visitor, "/admin/auth/user/add/", user);
      expect(made.status).toBe(302);
      const staff = made.header("location") ?? "";
      const change = staff.slice(visitor.site.mount.length);
      const permitted = {
        username,
        is_active: "on",
        is_staff: "on",
        ...dates(await visitor.visit(change)),
      };
      expect((await submit(visitor, change, permitted)).status).toBe(302);
      const other = new Visitor(visitor.site);
      expect((await submit(other, "/admin/login/", { username, password })).status).toBe(302);
      expect((await other.visit("/admin/")).text).toContain(username);
    },
  },
  {
    name: "logging out ends the session",
    async run(visitor) {
      await logIn(visitor);
      const { text } = await visitor.visit("/admin/");
      expect(text).toContain("Log out");
      await visitor.visit("/admin/logout/", {
        form: { csrfmiddlewaretoken: tokenOf(text) },
        headers: refererOf(visitor),
      });
      expect((await visitor.visit("/admin/")).status).toBe(302);
    },
  },
  {
    name: "the admin speaks the visitor's language",
    async run(visitor) {
      const headers = { "Accept-Language": "de-AT,de;q=0.9,en;q=0.5" };
      const login = await visitor.visit("/admin/login/", { headers });
      expect([login.header("content-language"), login.text]).toEqual([
        "de",
        expect.stringContaining('value="Anmelden"'),
      ]);
    },
  },
  {
    name: "a missing slash is added",
    async run(visitor) {
      const moved = await visitor.visit("/admin?a=1");
      expect([moved.status, moved.header("location")]).toEqual([
        301,
        `${visitor.site.mount}/admin/?a=1`,
      ]);
    },
  },
  {
    name: "a page that is not there is told so by the project's page",
    async run(visitor) {
      const page = await visitor.visit("/nowhere/");
      expect([page.status, page.text]).toEqual([
        404,
        expect.stringContaining("There is no such page."),
      ]);
    },
  },
  {
    name: "a method that is not allowed is told which are",
    async run(visitor) {
      const page = await visitor.visit("/books.csv", { method: "DELETE", headers: {} });
      // Without a token Django does not even ask for the method.
      expect(page.status).toBe(403);
      expect((await visitor.visit("/import/")).header("allow")).toBe("POST");
    },
  },
  {
    name: "HEAD is answered as GET, but for the body",
    async run(visitor) {
      const head = await visitor.visit("/", { method: "HEAD" });
      expect([head.status, head.bytes.length, head.header("content-type")]).toEqual([
        200,
        0,
        "text/html; charset=utf-8",
      ]);
    },
  },
  {
    name: "a view that fails is answered with the project's page, and its traceback is in the log",
    async run(visitor) {
      const failed = await visitor.visit("/more/fails/");
      expect([failed.status, failed.text]).toEqual([
        500,
        expect.stringContaining("It has been logged."),
      ]);
      const { target } = visitor.site;
      await until(() => target.log.some((line) => line.includes("RuntimeError: a view of")));
      expect(target.log.join("\n")).toMatch(/File ".*djangomore\.py", line \d+, in fails/);
    },
  },
];

/** Fills in a form of a page as its visitor does: with its token, and from where it was. */
async function submit(visitor: Visitor, path: string, form: Visit["form"] = {}): Promise<Answer> {
  const page = path === "/import/" || /^\/books\/\d/.test(path) ? "/" : path;
  const csrfmiddlewaretoken = tokenOf((await visitor.visit(page)).text);
  const headers = refererOf(visitor);
  return visitor.visit(path, { form: { csrfmiddlewaretoken, ...form }, headers });
}

/** What browsers send with a form; under HTTPS Django insists on it. */
function refererOf({ site: { origin, mount } }: Visitor): Record<string, string> {
  return { Origin: origin, Referer: `${origin}${mount}/` };
}

function tokenOf(page: string): string {
  return /name="csrfmiddlewaretoken" value="(\w+)"/.exec(page)?.[1] ?? "";
}

async function logIn(visitor: Visitor): Promise<void> {
  const form = { username: "admin", password: "for development only" };
  const next = `${visitor.site.mount}/admin/`;
  const welcome = await submit(visitor, `/admin/login/?next=${next}`, form);
  expect([welcome.status, welcome.header("location")]).toEqual([302, next]);
}

/** The fields of a date and a time that the admin's page of a user has filled in. */
function dates({ text }: Answer): Record<string, string> {
  return Object.fromEntries(
    [
      ...text.matchAll(
        /name="(date_joined_[01])" value="([^"]*)"|value="([^"]*)"[^>]*name="(date_joined_[01])"/g,
      ),
    ].map(([, name, value, otherValue, otherName]) => [
      name ?? otherName ?? "",
      value ?? otherValue ?? "",
    ]),
  );
}
