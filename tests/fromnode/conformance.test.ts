import { conform, type Target } from "dram/conformance";
import { http1Transport } from "dram/conformance/transport";
import { afterAll, beforeAll } from "vitest";
import { testOn } from "../known-failures.ts";
import { bootNode, type NodeTarget } from "../targets/node.ts";

const target: Omit<Target, "origin" | "send" | "connect" | "log"> = {
  name: "node listener",
  runtime: "Node.js/24",
  software: "(node)",
  lacks: {
    websocket: "not before the bridges to ASGI",
    nativeRequest: "not before the bridge from Fetch handlers, which needs it",
  },
};

let server: NodeTarget;

beforeAll(async () => {
  server = await bootNode({ module: new URL("./roundtrip.ts", import.meta.url).href });
});

afterAll(() => server?.close());

conform(
  {
    ...target,
    get origin() {
      return server.url;
    },
    get log() {
      return server.log;
    },
    send: (request) => http1Transport(server.url).send(request),
    connect: () => http1Transport(server.url).connect(),
  },
  testOn(target.name),
);
