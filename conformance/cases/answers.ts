// Applications that answer in JSON, and what a client makes of it.

import { type Application, type Environ, type InputStream, json } from "../../core/mod.ts";
import { equal } from "../check.ts";
import { textOf } from "../reply.ts";
import type { Client, Feature, Request } from "../types.ts";

/** Answers with every string of its environ, as JSON. */
export const dump: Application = (environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "application/json"]]);
  return json(
    Object.fromEntries(Object.entries(environ).filter(([, value]) => typeof value === "string")),
  );
};

/** An application that answers with what it has read, as JSON. */
export function reading(
  read: (input: InputStream, environ: Environ) => Promise<unknown>,
): Application {
  return async (environ, startResponse) => {
    const found = await read(environ["wsgi.input"], environ);
    startResponse("200 OK", [["Content-Type", "application/json"]]);
    return json(found);
  };
}

/** What the contract wants of a target: `instead`, by feature, gives it where one is lacking. */
export function documented<Wanted>(
  { target }: Client,
  wanted: Wanted,
  instead: Readonly<Partial<Record<Feature, Wanted>>>,
): Wanted {
  const [, variation = wanted] =
    Object.entries(instead).find(([feature]) => feature in target.lacks) ?? [];
  return variation;
}

/** Bytes as code points U+0000 to U+00FF. */
export function native(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

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
