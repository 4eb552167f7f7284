import { type FetchHandler, fromFetch } from "dram/from/fetch";
import { client } from "dram/test";
import { H3 } from "h3";
import { AutoRouter, type IRequest } from "itty-router";
import { describe, expect, test } from "vitest";

const itty = AutoRouter()
  .get("/hello/:name", ({ params }: IRequest) => ({ hello: params.name }))
  .post("/echo", async (request: IRequest) => ({ body: await request.text() }));

const h3 = new H3()
  .get("/hello/:name", ({ context }) => ({ hello: context.params?.name }))
  .post("/echo", async (event) => ({ body: await event.req.text() }));

const plain: FetchHandler = async (request) => {
  const { pathname } = new URL(request.url);
  if (pathname === "/echo") {
    return Response.json({ body: await request.text() });
  }
  const [, name] = /^\/hello\/(.+)$/.exec(pathname) ?? [];
  return name === undefined
    ? new Response("not here", { status: 404 })
    : Response.json({ hello: name });
};

describe.each<[string, FetchHandler]>([
  ["itty-router", itty.fetch],
  ["h3", h3.fetch],
  ["a plain handler", plain],
])("%s", (_name, handler) => {
  const { get, post } = client(fromFetch(handler));

  test("answers a GET with JSON", async () => {
    const response = await get("/hello/world");
    expect(response.headers.get("content-type")).toMatch(/^application\/json/);
    expect(await response.json()).toEqual({ hello: "world" });
  });

  test("reads a body", async () => {
    const response = await post("/echo", { body: "some text" });
    expect(await response.json()).toEqual({ body: "some text" });
  });

  test("has a 404 of its own", async () => {
    expect((await get("/nowhere")).status).toBe(404);
  });
});
