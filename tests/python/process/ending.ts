// Asks once, and closes nothing.

import { createServer } from "node:http";
import { toNode } from "dram/node";
import { application } from "./parent.ts";

const server = createServer(toNode(application)).listen(0, "127.0.0.1", async () => {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const response = await fetch(`http://127.0.0.1:${port}/pid`, {
    headers: { Connection: "close" },
  });
  console.log(await response.text());
  server.close();
});
