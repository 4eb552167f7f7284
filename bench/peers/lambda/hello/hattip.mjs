import adapter from "@hattip/adapter-aws-lambda";

export const handler = adapter(
  () =>
    new Response("Hello, world\n", { headers: { "content-type": "text/plain; charset=utf-8" } }),
);
