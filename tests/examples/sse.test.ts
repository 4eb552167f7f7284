import { client } from "dram/test";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApplication } from "../../examples/sse/application.ts";
import { header, type TestResponse, textOf } from "../targets/target.ts";
import { send } from "../targets/workerd.ts";
import { entriesOf, type Running } from "./boot.ts";

const EVENT = /^id: (\d+)\ndata: (\{.*\})$/;

/** The events of a stream, as far as it has come. */
function eventsOf(stream: string): { id: number; number: number; time: string }[] {
  return stream.split("\n\n").flatMap((block) => {
    const [, id, data = ""] = EVENT.exec(block) ?? [];
    return id === undefined ? [] : [{ ...JSON.parse(data), id: Number(id) }];
  });
}

describe.each(entriesOf("sse", "url-stream"))("examples/sse on %s", (_platform, boot) => {
  let running: Running;

  beforeAll(async () => {
    running = await boot();
  });

  afterAll(() => running?.close());

  function ask(path: string, headers: [string, string][] = []): Promise<TestResponse> {
    const host: [string, string][] = running.host === undefined ? [] : [["Host", running.host]];
    return send(Number(new URL(running.url).port), { path, headers: [...host, ...headers] });
  }

  test("the page names its stream", async () => {
    expect(await textOf(await ask("/"))).toContain('data-events="/events"');
  });

  test("what was missed comes at once, then one event after the other", async () => {
    const last = Math.floor(Date.now() / 1000) - 10;
    const response = await ask("/events", [["Last-Event-ID", String(last)]]);
    expect(header(response, "content-type")).toEqual(["text/event-stream"]);
    let received = "";
    for await (const chunk of response.chunks) {
      received += Buffer.from(chunk).toString();
      // The ten that were missed, and one that was drawn meanwhile.
      if (eventsOf(received).length >= 11) {
        break;
      }
    }
    response.leave();
    const ids = eventsOf(received).map(({ id }) => id);
    expect(ids.slice(0, 11)).toEqual(Array.from({ length: 11 }, (_, index) => last + 1 + index));
  });
});

describe("examples/sse", () => {
  const fast = { interval: 20, perResponse: 5 };
  const { get } = client(createApplication(fast));

  async function events(lastEventId?: string) {
    const headers = lastEventId === undefined ? {} : { "Last-Event-ID": lastEventId };
    return eventsOf(await (await get("/events", { headers })).text());
  }

  test("a response ends, and the next one goes on where it ended", async () => {
    const first = await events();
    expect(first).toHaveLength(5);
    const second = await events(String(first.at(-1)?.id));
    const ids = [...first, ...second].map(({ id }) => id);
    expect(ids).toEqual(ids.map((_id, index) => (ids[0] ?? 0) + index));
  });

  test("an event is the same for everyone", async () => {
    const first = await events();
    const again = await events(String((first[0]?.id ?? 0) - 1));
    expect(again).toEqual(first);
  });

  test("numbers are from 1 to 90, and not all the same", async () => {
    const last = Math.floor(Date.now() / fast.interval) - 90;
    const { get: getMany } = client(createApplication({ interval: 20, perResponse: 90 }));
    const response = await getMany("/events", { headers: { "Last-Event-ID": String(last) } });
    const numbers = eventsOf(await response.text()).map(({ number }) => number);
    expect(numbers.every((number) => number >= 1 && number <= 90)).toBe(true);
    expect(new Set(numbers).size).toBeGreaterThan(30);
  });

  test.each(["soon", "-5", "1e9", "99999999999999999999", "", "9999999999999"])(
    "begins now for the last id %j",
    async (id) => {
      const [first] = await events(id);
      expect(Math.abs((first?.id ?? 0) - Date.now() / fast.interval)).toBeLessThan(50);
    },
  );

  test("goes back no further than a hundred events", async () => {
    const [first] = await events("0");
    const now = Math.floor(Date.now() / fast.interval);
    expect(now - (first?.id ?? 0)).toBeGreaterThan(90);
    expect(now - (first?.id ?? 0)).toBeLessThan(150);
  });

  test("finds its stream below a mount", async () => {
    const mounted = client(createApplication(fast), { scriptName: "/live" });
    expect(await (await mounted.get("/live")).text()).toContain('data-events="/live/events"');
    expect((await mounted.get("/live/nowhere")).status).toBe(404);
  });
});
