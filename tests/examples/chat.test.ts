import { type ClientSocket, client } from "dram/test";
import { expect, onTestFinished, test } from "vitest";
import { application } from "../../examples/chat/application.ts";
import { websocket } from "../../examples/chat/rooms.ts";

function visit() {
  const chat = client(application, { websocket });
  onTestFinished(() => chat.close());
  return chat;
}

async function news(socket: ClientSocket): Promise<unknown> {
  return JSON.parse(String(await socket.receive()));
}

test("a message reaches everybody in the room, and nobody else", async () => {
  const chat = visit();
  const ada = await chat.websocket("/rooms/tea?name=Ada");
  const charles = await chat.websocket("/rooms/tea?name=+Charles+");
  const other = await chat.websocket("/rooms/coffee?name=Mary");
  await ada.send("Hello");
  expect([await news(ada), await news(ada), await news(ada)]).toEqual([
    { here: ["Ada"] },
    { joined: "Charles" },
    { from: "Ada", text: "Hello" },
  ]);
  expect([await news(charles), await news(charles)]).toEqual([
    { here: ["Ada", "Charles"] },
    { from: "Ada", text: "Hello" },
  ]);
  await charles.close();
  expect(await news(ada)).toEqual({ left: "Charles" });
  await other.close();
  expect(await news(other)).toEqual({ here: ["Mary"] });
  await expect(other.receive()).rejects.toThrow("the connection is over");
});

test.each([
  ["/rooms/Tea?name=Ada", 404, "A room is called by"],
  ["/rooms/?name=Ada", 404, "A room is called by"],
  [`/rooms/${"x".repeat(31)}?name=Ada`, 404, "A room is called by"],
  ["/rooms/tea", 400, "Say who you are"],
  ["/rooms/tea?name=%20", 400, "Say who you are"],
  [`/rooms/tea?name=${"x".repeat(31)}`, 400, "Say who you are"],
])("%s is denied with %i, and a page can ask why", async (path, status, why) => {
  const chat = visit();
  await expect(chat.websocket(path)).rejects.toMatchObject({ response: { status } });
  if (path.includes("?")) {
    const response = await chat.get(path);
    expect([response.status, await response.text()]).toEqual([
      status,
      expect.stringContaining(why),
    ]);
  }
});

test.each([new Uint8Array(1), "x".repeat(1001)])("a message that is none ends it", async (data) => {
  const socket = await visit().websocket("/rooms/tea?name=Ada");
  await socket.send(data);
  expect((await socket.closed).code).toBe(1008);
});

test("the address of a room leads to the page", async () => {
  const chat = client(application, { websocket, scriptName: "/mnt" });
  const response = await chat.get("/mnt/rooms/tea", { redirect: "manual" });
  expect([response.status, response.headers.get("location")]).toEqual([
    302,
    "http://localhost/mnt/#tea",
  ]);
  expect(await (await chat.get("/mnt/")).text()).toContain('data-rooms="/mnt/rooms/"');
  expect((await chat.get("/mnt/other")).status).toBe(404);
});
