import { toLambdaHandler } from "srvx/aws-lambda";

export const handler = toLambdaHandler({
  fetch: () =>
    new Response("Hello, world\n", { headers: { "content-type": "text/plain; charset=utf-8" } }),
});
