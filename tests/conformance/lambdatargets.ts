import type { Target } from "dram/conformance";
import { http1Transport } from "dram/conformance/transport";
import type { Gateway } from "../../scripts/lambda/gateway.ts";
import { gateways } from "../../scripts/lambda/gateways.ts";
import { bootLambda } from "../targets/lambda.ts";
import { type Bootable, NATIVE } from "./target.ts";

type Lacks = Target["lacks"];

const LACKS: Lacks = {
  wire: "the connection ends at AWS, and dram is given an event",
  concurrency: "Lambda gives a process one request at a time",
  disconnect: "Lambda does not tell that a client has left",
  trailers: "a result has none",
  earlyHints: "a result is the only answer",
  latin1Headers: "events and results are JSON, which is text",
  rawTarget: "an event has the path and the query apart, and not always as they were sent",
  chunkedRequest: "AWS holds a request back until it is whole, and counts it",
  websocket:
    "API Gateway has an API of its own for them, without paths, bytes and close codes; tests/emulator proves it",
  nativeRequest: NATIVE,
};

const WHOLE: Lacks = {
  ...LACKS,
  streaming: "the result is the whole response",
  bodyBreak: "the result is the whole response",
};

const NO_REASON: Lacks = { reason: "the result has no place for it" };

const DECODED_QUERY: Lacks = { rawQuery: "the event has the parameters, decoded" };

const FOUR_MEGABYTES = 4_500_000;

/** The conformance application under AWS's own runtime client, behind every gateway. */
export const lambdaTargets: readonly Bootable[] = [
  target("rest", "API Gateway, REST API", {
    ...WHOLE,
    ...NO_REASON,
    ...DECODED_QUERY,
    headLength: "API Gateway renames Content-Length of a result",
  }),
  target("rest-stream", "API Gateway, REST API, streaming", {
    ...LACKS,
    ...NO_REASON,
    ...DECODED_QUERY,
    framing: "a streamed response is sent in chunks",
    headLength: "API Gateway renames Content-Length of a result",
  }),
  target("http", "API Gateway, HTTP API", { ...WHOLE, ...NO_REASON }),
  target("url", "Lambda function URL", { ...WHOLE, ...NO_REASON }),
  target("url-stream", "Lambda function URL, streaming", {
    ...LACKS,
    ...NO_REASON,
    framing: "a streamed response is sent in chunks",
  }),
  target("alb", "Application Load Balancer", {
    ...WHOLE,
    rawQuery: "the event has the last parameter of each name",
    multiHeaders: "the load balancer hands on the last field of each name",
    repeatedHeaders: "the load balancer takes one value a name",
  }),
  target("alb-multi", "Application Load Balancer, multi-value headers", {
    ...WHOLE,
    rawQuery: "the event has the parameters by their names",
  }),
  target("lattice", "VPC Lattice", {
    ...WHOLE,
    ...NO_REASON,
    ...DECODED_QUERY,
    repeatedHeaders: "VPC Lattice takes one value a name",
  }),
  target("edge", "Lambda@Edge, origin request", {
    ...WHOLE,
    headLength: "CloudFront takes no Content-Length from a function",
  }),
];

function target(name: string, platform: string, lacks: Lacks): Bootable {
  const gateway = gatewayOf(name);
  return {
    name: `lambda-${name}`,
    platform,
    adapter: gateway.streams ? "`toLambdaStream` of `dram/lambda`" : "`toLambda` of `dram/lambda`",
    proof: "aws-lambda-ric 4.0.2 on Node 24, gateway emulated",
    runtime: "Node.js/24",
    software: "(lambda)",
    lacks,
    // In base64 it fills the 6 MB of an event.
    maxBody: Math.min(gateway.maxBody, name === "edge" ? 1_048_576 : FOUR_MEGABYTES),
    async boot(mount) {
      const { port, log, close } = await bootLambda({
        gateway,
        module: new URL("./lambda.ts", import.meta.url),
        variables: { MOUNT: mount, STREAM: gateway.streams ? "1" : undefined },
      });
      const origin = `https://${gateway.domain}`;
      const transport = http1Transport(`http://127.0.0.1:${port}`, { host: gateway.domain });
      return { send: transport.send, origin, log, close };
    },
  };
}

function gatewayOf(name: string): Gateway {
  const gateway = gateways[name];
  if (gateway === undefined) {
    throw new Error(`no gateway is called ${name}`);
  }
  return gateway;
}
