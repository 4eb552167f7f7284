import serverless from "serverless-http";
import { listener } from "../applications/listener.mjs";

export const handler = serverless(listener, { binary: ["application/octet-stream"] });
