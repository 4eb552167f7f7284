import serverlessExpress from "@codegenie/serverless-express";
import express from "express";

const app = express()
  .disable("etag")
  .disable("x-powered-by")
  .get("/hello", (_request, response) => {
    response.type("text/plain; charset=utf-8").send("Hello, world\n");
  });

export const handler = serverlessExpress({ app });
