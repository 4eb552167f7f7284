import { type Context, Hono } from "hono";
import { getRuntimeKey } from "hono/adapter";
import { bodyLimit } from "hono/body-limit";
import { getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import { streamText } from "hono/streaming";
import { layout } from "./layout.ts";

/** Characters of one note. */
const LENGTH = 60;
const NOTES = 8;
/** Of all of them as they are sent: browsers take 4,096 bytes for a cookie with its attributes. */
const BYTES = 3800;

/** An application as one writes it for Hono. Nothing in it knows what runs it. */
export const app: Hono = new Hono();

app.get("/", (c) => {
  const notes = read(getCookie(c, "notes"));
  return c.html(
    layout(
      "Notes",
      html`
<p class="lead">Kept in a cookie of this browser, by an application of Hono's. It runs on
${getRuntimeKey()}.</p>
<form method="post" action="notes">
  <input name="text" maxlength="${LENGTH}" required autofocus placeholder="What to remember?">
  <button>Keep it</button>
</form>
<ul id="notes">
  ${notes.map(
    (note, index) => html`<li><span>${note}</span>
    <form method="post" action="notes/${index}/delete"><button>Done</button></form></li>`,
  )}
</ul>
<p class="lead">${notes.length} of ${NOTES}. The same <a href="notes.json">as JSON</a>, and
<a href="countdown">a countdown</a> that arrives line by line.</p>`,
    ),
  );
});

app.post("/notes", bodyLimit({ maxSize: 4096 }), async (c) => {
  const { text } = await c.req.parseBody();
  if (typeof text !== "string" || text.trim() === "") {
    return c.text("A note needs a text.\n", 400);
  }
  const notes = read(getCookie(c, "notes"));
  // By code points: half a character could not be encoded.
  keep(c, [...notes, [...text.trim()].slice(0, LENGTH).join("")].slice(-NOTES));
  return c.redirect("./", 303);
});

app.post("/notes/:index{[0-9]+}/delete", (c) => {
  const notes = read(getCookie(c, "notes"));
  keep(c, notes.toSpliced(Number(c.req.param("index")), 1));
  return c.redirect("../../", 303);
});

app.get("/notes.json", (c) => c.json({ notes: read(getCookie(c, "notes")) }));

app.get("/countdown", (c) =>
  streamText(c, async (stream) => {
    for (let count = 3; count > 0; count -= 1) {
      await stream.writeln(`${count} ...`);
      await stream.sleep(500);
    }
    await stream.writeln("Done.");
  }),
);

app.notFound((c) => c.text("There is no such page.\n", 404));

function keep(c: Context, notes: string[]): void {
  while (encodeURIComponent(JSON.stringify(notes)).length > BYTES) {
    notes.shift();
  }
  setCookie(c, "notes", JSON.stringify(notes), {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    maxAge: 30 * 24 * 60 * 60,
  });
}

/** The cookie is the client's, and may hold anything. */
function read(cookie: string | undefined): string[] {
  try {
    const notes: unknown = JSON.parse(cookie ?? "[]");
    return Array.isArray(notes) ? notes.filter((note) => typeof note === "string") : [];
  } catch {
    return [];
  }
}
