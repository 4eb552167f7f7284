import { Hono } from "hono";
import { handle } from "hono/aws-lambda";

export const handler = handle(new Hono().get("/hello", (c) => c.text("Hello, world\n")));
