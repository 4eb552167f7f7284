import { setTimeout as wait } from "node:timers/promises";
import express, { type Express } from "express";

interface Entry {
  readonly name: string;
  readonly words: string;
}

/** A guest book, as anybody writes one with Express: nothing here knows of dram. */
export function createApp(): Express {
  // Of this process alone, and only as long as it lives.
  const entries: Entry[] = [{ name: "Ada", words: "The first entry." }];
  const app = express();
  app.disable("x-powered-by");

  app.get("/", (request, response) => {
    response.send(page(request.baseUrl, entries));
  });

  app.post("/", express.urlencoded({ limit: "10kb" }), (request, response) => {
    const { name, words } = request.body ?? {};
    if (typeof name !== "string" || typeof words !== "string" || name === "" || words === "") {
      response.status(422).type("text").send("A name and some words, please.\n");
      return;
    }
    entries.push({ name, words });
    response.redirect(303, `${request.baseUrl}/`);
  });

  app.get("/entries.json", (_request, response) => {
    response.json(entries);
  });

  app.get("/count", async (_request, response) => {
    response.type("text");
    for (let number = 1; number <= 5; number++) {
      response.write(`${number}\n`);
      await wait(100);
    }
    response.end();
  });

  return app;
}

function page(base: string, entries: readonly Entry[]): string {
  const items = entries.map(
    ({ name, words }) => `<li><b>${escapeHtml(name)}</b> ${escapeHtml(words)}</li>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Guest book</title>
<link rel="icon" href="data:,">
<style>
  body { max-width: 36rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui; }
  label { display: block; margin: 0.5rem 0; }
  input, button { font: inherit; width: 100%; box-sizing: border-box; padding: 0.4rem; }
</style>
<h1>Guest book</h1>
<ul>
${items.join("\n")}
</ul>
<form method="post" action="${escapeHtml(base)}/">
  <label>Name <input name="name" required></label>
  <label>Words <input name="words" required></label>
  <button>Write</button>
</form>
<p><a href="${escapeHtml(base)}/entries.json">All entries as JSON</a></p>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
