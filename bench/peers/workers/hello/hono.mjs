import { Hono } from "hono";

export default new Hono().get("/text", (c) => c.text("Hello, world\n"));
