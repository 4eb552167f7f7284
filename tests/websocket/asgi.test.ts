import { expect, onTestFinished, test } from "vitest";
import { message, open } from "../node/sockets.ts";
import { bootDeno, bootDenoServe } from "../targets/deno.ts";
import { type Target, textOf } from "../targets/target.ts";
import { bootWorkerd } from "../targets/workerd.ts";

test.each<[name: string, boot: () => Promise<Target & { readonly port: number }>]>([
  ["toWorker", () => bootWorkerd({}, "../websocket/asgi-worker.ts")],
  ["toDeno", () => bootDenoServe(new URL("./asgi-deno.ts", import.meta.url))],
  ["serve on Deno", () => bootDeno({ module: new URL("./asgi.ts", import.meta.url).href })],
])("%s takes the WebSockets of an application of ASGI", async (_name, boot) => {
  const target = await boot();
  onTestFinished(() => target.close());
  const clients = await Promise.all([open(target.port, "/a", ["chat"]), open(target.port, "/b")]);
  expect(clients.map(({ protocol }) => protocol)).toEqual(["chat", ""]);
  for (const client of clients) {
    client.send("hello");
  }
  expect(await Promise.all(clients.map(message))).toEqual(["/a: hello", "/b: hello"]);
  expect(await textOf(await target.send({ path: "/page" }))).toBe("/page");
});

test("serve on Deno shuts an application of ASGI down at its end", async () => {
  const target = await bootDeno({ module: new URL("./asgi.ts", import.meta.url).href });
  const client = await open(target.port, "/");
  client.send("hello");
  await message(client);
  await target.close();
  expect(target.log).toEqual(["shut down"]);
});
