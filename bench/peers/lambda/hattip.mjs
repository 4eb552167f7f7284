import adapter from "@hattip/adapter-aws-lambda";
import { fetch } from "../applications/lambda-fetch.mjs";

export const handler = adapter(({ request }) => fetch(request));
