import serverless from "serverless-http";

export const handler = serverless((_request, response) => {
  response.setHeader("content-type", "text/plain; charset=utf-8");
  response.end("Hello, world\n");
});
