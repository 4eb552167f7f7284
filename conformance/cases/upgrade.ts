import { type Environ, type HeaderList, text } from "../../core/mod.ts";
import { equal, matches } from "../check.ts";
import type { Case } from "../types.ts";
import { handshake } from "./websocket.ts";

export const upgradeCases: readonly Case[] = [
  {
    id: "X16",
    name: "a request for a WebSocket that is denied is answered, with status, headers and body",
    needs: ["wire"],
    /** Where the gateway has no WebSockets, the application sees a request like any other. */
    application(environ, startResponse) {
      if (environ.HTTP_UPGRADE === undefined) {
        startResponse("200 OK", [["Content-Type", "text/plain"]]);
        return text(`at ${environ.PATH_INFO}\n`);
      }
      startResponse(STATUS, HEADERS);
      return denial(environ);
    },
    websocket: {
      connect: (_connection, environ) => ({
        status: STATUS,
        headers: HEADERS,
        body: denial(environ),
      }),
      message() {},
    },
    async exchange(client) {
      const connection = await client.connect();
      connection.write(handshake(client, "/socket", ["Sec-WebSocket-Protocol", "chat"]));
      const answer = await connection.received(/no websocket for chat/);
      matches(answer, /^HTTP\/1\.1 401 /, "the answer to the upgrade");
      matches(answer, /^www-authenticate: Basic\r$/im, "a header of the denial");
      if (client.lacks("websocket")) {
        connection.write(client.head("GET", "/next"));
        const both = await connection.received(/at \/next/);
        equal(both.match(/^HTTP\/1\.1 \d+/gm), ["HTTP/1.1 401", "HTTP/1.1 200"], "the answers");
      }
      connection.destroy();
    },
  },
];

const STATUS = "401 Unauthorized";

const HEADERS: HeaderList = [
  ["Content-Type", "text/plain"],
  ["WWW-Authenticate", "Basic"],
];

function denial({ HTTP_UPGRADE, HTTP_SEC_WEBSOCKET_PROTOCOL }: Environ) {
  return text(`no ${HTTP_UPGRADE} for ${HTTP_SEC_WEBSOCKET_PROTOCOL}\n`);
}
