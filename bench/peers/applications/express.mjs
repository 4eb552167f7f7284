import express from "express";
import { BYTES } from "../lambda/bytes.mjs";

/** The pages of lambda/driver.ts as a user of Express would write them. */
export const app = express()
  .disable("etag")
  .disable("x-powered-by")
  .get("/hello", (_request, response) => text(response, "Hello, world\n"))
  .get("/cookies", (request, response) =>
    text(response, String(request.headers.cookie.split(";").length)),
  )
  .get("/bytes", (_request, response) => {
    response.set("content-type", "application/octet-stream").send(Buffer.from(BYTES.buffer));
  })
  .post("/json", express.json(), (request, response) => {
    response.json({ items: request.body.items.length });
  });

function text(response, content) {
  response.set("content-type", "text/plain; charset=utf-8").send(content);
}
