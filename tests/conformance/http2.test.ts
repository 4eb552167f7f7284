import { once } from "node:events";
import { createServer } from "node:http2";
import { http2Transport } from "dram/conformance/transport";
import { expect, test } from "vitest";

test("an answer is whole though the server resets the rest of the request", async () => {
  const server = createServer((request, response) => {
    request.once("data", () => {
      request.pause();
      response.stream.once("finish", () => response.stream.close());
      response.end("answer");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const { send } = http2Transport(`http://127.0.0.1:${port}`);
  const reply = await send({ method: "POST", path: "/", body: unended() });
  const chunks: Uint8Array[] = [];
  for await (const chunk of reply.chunks) {
    chunks.push(chunk);
  }
  expect([reply.status, Buffer.concat(chunks).toString()]).toEqual([200, "answer"]);
  server.close();
});

/** A body whose end comes when nobody waits for it any more. */
async function* unended(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1);
  await new Promise((resolve) => setTimeout(resolve, 100));
}
