import { type Application, json } from "../../core/mod.ts";
import { equal } from "../check.ts";
import { textOf } from "../reply.ts";
import type { Client, Request } from "../types.ts";

/** Answers with every string of its environ, as JSON. */
export const dump: Application = (environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "application/json"]]);
  return json(
    Object.fromEntries(Object.entries(environ).filter(([, value]) => typeof value === "string")),
  );
};

/** The strings of the environ of a request to `dump`. */
export function environOf(
  client: Client,
  request: Request,
): Promise<Readonly<Record<string, string | undefined>>> {
  return jsonOf(client, request);
}

/** What an application has answered in JSON. The type is the caller's promise. */
export async function jsonOf<T>(client: Client, request: Request): Promise<T> {
  const reply = await client.send(request);
  const body = await textOf(reply);
  equal(reply.status, 200, `the status of an answer with the body ${JSON.stringify(body)}`);
  return JSON.parse(body);
}
