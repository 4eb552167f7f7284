import { text } from "../../core/mod.ts";
import { equal, matches, ok } from "../check.ts";
import type { Case } from "../types.ts";

export const upgradeCases: readonly Case[] = [
  {
    id: "X16",
    name: "an upgrade that the application denies is answered, and the connection goes on",
    needs: ["wire"],
    application(environ, startResponse) {
      const { HTTP_UPGRADE, HTTP_SEC_WEBSOCKET_PROTOCOL, PATH_INFO } = environ;
      if (HTTP_UPGRADE === undefined) {
        startResponse("200 OK", [["Content-Type", "text/plain"]]);
        return text(`at ${PATH_INFO}\n`);
      }
      startResponse("401 Unauthorized", [
        ["Content-Type", "text/plain"],
        ["WWW-Authenticate", "Basic"],
      ]);
      return text(`no ${HTTP_UPGRADE} for ${HTTP_SEC_WEBSOCKET_PROTOCOL}\n`);
    },
    async exchange(client) {
      ok(client.lacks("websocket"), "accepting an upgrade is not part of this suite yet");
      const connection = await client.connect();
      connection.write(
        client.head("GET", "/socket", [
          ["Connection", "Upgrade"],
          ["Upgrade", "websocket"],
          ["Sec-WebSocket-Version", "13"],
          ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
          ["Sec-WebSocket-Protocol", "chat"],
        ]),
      );
      const denial = await connection.received(/no websocket for chat/);
      matches(denial, /^HTTP\/1\.1 401 /, "the answer to the upgrade");
      matches(denial, /^www-authenticate: Basic\r$/im, "a header of the denial");
      connection.write(client.head("GET", "/next"));
      const both = await connection.received(/at \/next/);
      equal(both.match(/^HTTP\/1\.1 \d+/gm), ["HTTP/1.1 401", "HTTP/1.1 200"], "the answers");
      connection.destroy();
    },
  },
];
