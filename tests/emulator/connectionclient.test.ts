import { once } from "node:events";
import { createServer } from "node:http";
import { connectionClient } from "dram/lambda";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { WebSocket } from "ws";
import { bootWebSocketApi, CREDENTIALS } from "../targets/lambda.ts";

beforeEach(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", CREDENTIALS.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", CREDENTIALS.secretAccessKey);
  vi.stubEnv("AWS_SESSION_TOKEN", CREDENTIALS.sessionToken);
  vi.stubEnv("AWS_REGION", CREDENTIALS.region);
});

afterEach(() => {
  vi.unstubAllEnvs();
});

test("any process with the credentials sends to a connection, and closes it", async () => {
  const { endpoint, id, socket } = await connected();
  const client = connectionClient(`${endpoint}/`);

  const received = once(socket, "message");
  await client.post(id, "Grüße von woanders");
  expect(String((await received)[0])).toBe("Grüße von woanders");

  const closed = once(socket, "close");
  await client.delete(id);
  expect((await closed)[0]).toBe(1000);
});

test("a connection that is over is ERR_CLIENT_DISCONNECTED", async () => {
  const { endpoint, id, socket } = await connected();
  const client = connectionClient(endpoint);
  const closed = once(socket, "close");
  await client.delete(id);
  await closed;
  const over = { code: "ERR_CLIENT_DISCONNECTED", message: "the connection is over" };
  await expect(client.post(id, "late")).rejects.toMatchObject(over);
  await expect(client.delete(id)).rejects.toMatchObject(over);
});

test("a message that API Gateway finds too large is ERR_MESSAGE_SIZE", async () => {
  const { endpoint, id, socket } = await connected();
  const client = connectionClient(endpoint);
  const received = once(socket, "message");
  await client.post(id, "x".repeat(131_072));
  expect(String((await received)[0])).toHaveLength(131_072);
  await expect(client.post(id, "x".repeat(131_073))).rejects.toMatchObject({
    code: "ERR_MESSAGE_SIZE",
  });
});

test("the region is that of the endpoint's name, else that of the function", async () => {
  const { endpoint, id } = await connected();
  vi.stubEnv("AWS_REGION", "us-east-1");
  await expect(connectionClient(endpoint).post(id, "x")).rejects.toMatchObject({
    code: "ERR_CONNECTION_API",
    message: expect.stringMatching(/answered 403 .*execute-api:ManageConnections/),
  });
});

test("without credentials nothing is sent", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
  await expect(connectionClient("http://127.0.0.1:9/prod").post("a", "x")).rejects.toMatchObject({
    code: "ERR_CONNECTION_API",
    message: expect.stringContaining("there are no AWS_ACCESS_KEY_ID"),
  });
});

test("an endpoint that is not there is ERR_CONNECTION_API, with its cause", async () => {
  await expect(connectionClient("http://127.0.0.1:9/prod").post("a", "x")).rejects.toMatchObject({
    code: "ERR_CONNECTION_API",
    message: "POST http://127.0.0.1:9/prod/@connections/a could not be sent",
    cause: expect.any(Error),
  });
});

test("what AWS throttles is tried three times more", async () => {
  let calls = 0;
  const server = createServer((_request, response) => {
    calls++;
    response.writeHead(429).end("slow down");
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const client = connectionClient(`http://127.0.0.1:${port}/prod`);
  await expect(client.post("a", "x")).rejects.toMatchObject({
    code: "ERR_CONNECTION_API",
    message: expect.stringMatching(/was answered 429 "slow down"$/),
  });
  expect(calls).toBe(4);
});

/** A client of an API, and the id that the function knows it by. */
async function connected(): Promise<{ endpoint: string; id: string; socket: WebSocket }> {
  const api = await bootWebSocketApi(new URL("./websocketfunction.ts", import.meta.url));
  onTestFinished(() => api.close());
  const socket = new WebSocket(`ws://127.0.0.1:${api.port}/prod`);
  await once(socket, "open");
  const { connectionId } = JSON.parse(api.events[0] ?? "").requestContext;
  return { endpoint: `http://127.0.0.1:${api.port}/prod`, id: connectionId, socket };
}
