import { fromFetch } from "dram/from/fetch";
import { client } from "dram/test";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { app } from "../../examples/hono/app.ts";
import { header, textOf } from "../targets/target.ts";
import { send } from "../targets/workerd.ts";
import { entriesOf, type Running } from "./boot.ts";

const FORM: [string, string] = ["Content-Type", "application/x-www-form-urlencoded"];

describe.each(entriesOf("hono", "http"))("examples/hono on %s", (platform, boot) => {
  let running: Running;

  beforeAll(async () => {
    running = await boot();
  });

  afterAll(() => running?.close());

  function ask(method: string, path: string, headers: [string, string][] = [], body?: string) {
    const host: [string, string][] = running.host === undefined ? [] : [["Host", running.host]];
    return send(Number(new URL(running.url).port), {
      method,
      path,
      headers: [...host, ...headers],
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
    });
  }

  test("the page says what it runs on", async () => {
    const response = await ask("GET", "/");
    expect(header(response, "content-type")).toEqual(["text/html; charset=UTF-8"]);
    expect(await textOf(response)).toContain(
      `It runs on\n${platform === "lambda" ? "node" : platform}.`,
    );
  });

  test("a note is kept, shown as text and done with", async () => {
    const posted = await ask("POST", "/notes", [FORM], "text=%3Cb%3Egr%C3%BC%C3%9Fen%3C%2Fb%3E");
    expect([posted.status, header(posted, "location")]).toEqual([303, ["./"]]);
    const [cookie = ""] = header(posted, "set-cookie")[0]?.split(";") ?? [];

    const page = await textOf(await ask("GET", "/", [["Cookie", cookie]]));
    expect(page).toContain("<span>&lt;b&gt;grüßen&lt;/b&gt;</span>");
    const json = await ask("GET", "/notes.json", [["Cookie", cookie]]);
    expect(JSON.parse(await textOf(json))).toEqual({ notes: ["<b>grüßen</b>"] });

    const done = await ask("POST", "/notes/0/delete", [["Cookie", cookie]]);
    expect(header(done, "set-cookie")[0]).toMatch(/^notes=%5B%5D; /);
  });

  test("the countdown arrives whole", async () => {
    expect(await textOf(await ask("GET", "/countdown"))).toBe("3 ...\n2 ...\n1 ...\nDone.\n");
  });

  test("a body over its limit is refused", async () => {
    const response = await ask("POST", "/notes", [FORM], `text=${"x".repeat(5000)}`);
    expect(response.status).toBe(413);
  });
});

// What is the same everywhere need not be asked everywhere.
describe("examples/hono", () => {
  const { get, post, cookies } = client(fromFetch(app.fetch));

  async function notesOf(response: Response): Promise<unknown[]> {
    return JSON.parse(await response.text()).notes;
  }

  test("keeps the last eight notes, each cut", async () => {
    for (let count = 1; count <= 9; count++) {
      const page = await post("/notes", {
        body: new URLSearchParams({ text: ` ${String(count).repeat(100)} ` }),
      });
      expect(page.status).toBe(200);
    }
    const notes = await notesOf(await get("/notes.json"));
    expect(notes).toHaveLength(8);
    expect([notes[0], notes[7]]).toEqual(["2".repeat(60), "9".repeat(60)]);
  });

  test("keeps no more than a cookie can hold, and no half of a character", async () => {
    cookies.clear();
    for (let count = 1; count <= 8; count++) {
      await post("/notes", { body: new URLSearchParams({ text: "🌍".repeat(100) }) });
    }
    const notes = await notesOf(await get("/notes.json"));
    expect(notes).toEqual(Array.from({ length: 5 }, () => "🌍".repeat(60)));
    expect(cookies.get("notes")?.length).toBeLessThan(3900);
  });

  test("does without a cookie that it did not set", async () => {
    cookies.clear();
    for (const cookie of ["notes=x", "notes=%7B%7D", "notes=%5B1%2C%22one%22%5D"]) {
      const response = await get("/notes.json", { headers: { Cookie: cookie } });
      expect([[], ["one"]]).toContainEqual(await notesOf(response));
    }
  });

  test.each([
    ["no text", new URLSearchParams()],
    ["white space", new URLSearchParams({ text: " " })],
  ])("refuses a note of %s", async (_what, body) => {
    expect((await post("/notes", { body })).status).toBe(400);
  });

  test("has a 404 of its own", async () => {
    expect(await (await get("/nowhere")).text()).toBe("There is no such page.\n");
  });
});
