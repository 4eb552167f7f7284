// A function behind a WebSocket API. Its one process keeps the attachments, as no real one may.

import { type AttachmentStore, toLambda, webSocketApi } from "dram/lambda";

const kept = new Map<string, string>();

const store: AttachmentStore = {
  get: (id) => kept.get(id),
  set: (id, json) => kept.set(id, json),
  delete: (id) => kept.delete(id),
};

export const handler = toLambda(
  () => {
    throw new Error("a WebSocket is no request of the application");
  },
  {
    websocket: webSocketApi(
      {
        connect(connection, environ) {
          const { PATH_INFO, QUERY_STRING, SCRIPT_NAME, REMOTE_ADDR } = environ;
          if (QUERY_STRING === "deny=") {
            return { status: "401 Unauthorized", headers: [["WWW-Authenticate", "Basic"]] };
          }
          if (QUERY_STRING === "throw=") {
            throw new Error("connect failed");
          }
          connection.attachment = { seen: [SCRIPT_NAME + PATH_INFO, QUERY_STRING, REMOTE_ADDR] };
          const { HTTP_SEC_WEBSOCKET_PROTOCOL: offered } = environ;
          return offered === undefined ? undefined : { subprotocol: "chat" };
        },
        async message(connection, data) {
          switch (data) {
            case "attachment":
              return connection.send(JSON.stringify(connection.attachment));
            case "set":
              connection.attachment = "set";
              return connection.send("done");
            case "order":
              for (const word of ["one", "two", "three"]) {
                connection.send(word);
              }
              return;
            case "bytes":
              return connection.send(new Uint8Array([1]));
            case "large":
              return connection.send("x".repeat(131_073));
            case "throw":
              throw new Error("message failed");
            case "close":
              return connection.close(4000, "bye");
            case "sleep":
              return new Promise(() => {});
            default:
              return connection.send(
                typeof data === "string" ? data : `bytes ${Buffer.from(data).toString("hex")}`,
              );
          }
        },
        disconnect(connection, code, reason) {
          console.log(`end ${code} ${reason} ${JSON.stringify(connection.attachment)}`);
          // Behind this handler.
          setImmediate(() => setImmediate(() => console.log(`kept ${kept.size}`)));
        },
      },
      { store },
    ),
  },
);
