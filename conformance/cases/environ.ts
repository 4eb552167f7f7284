import { type Application, json } from "../../core/mod.ts";
import { equal } from "../check.ts";
import { textOf } from "../reply.ts";
import type { Case, Client, Request } from "../types.ts";

/** Answers with every string of its environ, as JSON. */
const dump: Application = (environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "application/json"]]);
  return json(
    Object.fromEntries(Object.entries(environ).filter(([, value]) => typeof value === "string")),
  );
};

async function environOf(client: Client, request: Request): Promise<Record<string, string>> {
  const reply = await client.send(request);
  equal(reply.status, 200, "status");
  return JSON.parse(await textOf(reply));
}

export const environCases: readonly Case[] = [
  {
    id: "E03",
    name: "PATH_INFO is percent-decoded",
    application: dump,
    async exchange(client) {
      const { PATH_INFO } = await environOf(client, { path: "/foo/bar%2cbaz" });
      equal(PATH_INFO, "/foo/bar,baz", "PATH_INFO");
    },
  },
];
