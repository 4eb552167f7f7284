import type { Application } from "dram";
import { type AsgiApplication, fromAsgi } from "dram/asgi";

const BODY = new TextEncoder().encode("Hello, world\n");
const HEADERS = [
  [new TextEncoder().encode("content-type"), new TextEncoder().encode("text/plain; charset=utf-8")],
] as const;

const asgi: AsgiApplication = async (scope, _receive, send) => {
  if (scope.type !== "http") {
    throw new Error(`no ${scope.type}`);
  }
  await send({ type: "http.response.start", status: 200, headers: HEADERS });
  await send({ type: "http.response.body", body: BODY });
};

export const application: Application = fromAsgi(asgi);
