import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { gateways } from "../../scripts/lambda/gateways.ts";
import type { Field, HttpRequest, Site } from "../../scripts/lambda/message.ts";
import { isObject, type JsonObject } from "../../scripts/lambda/result.ts";

const LIVE = join(import.meta.dirname, "../fixtures/events/live-redacted");

/** The one request behind all four events of live-redacted. */
function request(host: string): HttpRequest {
  const body = Buffer.from('{"message":"hello from the public internet","unicode":"lambda-λ"}');
  return {
    method: "POST",
    path: "/capture/space%20value",
    query:
      "repeat=one&repeat=two&redirect=https%3A%2F%2Fexample.com%2Fa%2Fb&literalPlus=a+b&encodedPlus=a%2Bb&empty=",
    headers: [
      ["host", host],
      ["user-agent", "curl/8.7.1"],
      ["accept", "*/*"],
      ["content-type", "application/json"],
      ["cookie", "session=abc123; theme=dark"],
      ["x-voker-probe", "first"],
      ["x-voker-probe", "second"],
      ["content-length", String(body.length)],
    ],
    body,
    address: "203.0.113.7",
    time: Date.UTC(2026, 6, 10, 19, 19, 4),
    id: "7c2af7db-31f3-42b5-8a6d-9ffc74e3b9e0",
  };
}

/** What differs because it is a time, an id, or of TLS, which ends before us. */
const OF_ITS_OWN =
  /^(?:x-amzn-.*|accountId|apiId|domainPrefix|extendedRequestId|requestId|requestTime|requestTimeEpoch|resourceId|time|timeEpoch|targetGroupArn)$/i;

/** Absent, `null`, empty and the object of such are the same in AWS's events and in this comparison. */
function essence(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value;
  }
  if (!isObject(value)) {
    return value === "" || value === null ? undefined : value;
  }
  const entries = Object.entries(value)
    .filter(([key]) => !OF_ITS_OWN.test(key))
    .map(([key, inner]) => [key, key === "empty" ? inner : essence(inner)])
    .filter(([, inner]) => inner !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

test.each<[string, string, Partial<Site>]>([
  ["http", "apigwv2-request", {}],
  ["url", "functionurl-request", {}],
  ["alb-multi", "alb-request", { scheme: "http", port: "80" }],
])("the event of %s is the one that AWS sent for the same request", (name, file, changes) => {
  const live: JsonObject = JSON.parse(readFileSync(join(LIVE, `${file}.json`), "utf8"));
  expect(essence(eventOf(name, live, request(hostOf(live)), changes))).toEqual(essence(live));
});

test("the event of rest is the one that AWS sent for the same request, but for the encoded body", () => {
  const live: JsonObject = JSON.parse(readFileSync(join(LIVE, "apigwv1-request.json"), "utf8"));
  const sent = request(hostOf(live));
  const event = eventOf("rest", live, { ...sent, path: `/live${sent.path}` }, { stage: "live" });
  // The API of the capture had no binaryMediaTypes.
  expect(essence({ ...event, body: live.body, isBase64Encoded: false })).toEqual(essence(live));
  expect([event.body, event.isBase64Encoded]).toEqual([sent.body.toString("base64"), true]);
});

function eventOf(
  name: string,
  live: JsonObject,
  sent: HttpRequest,
  changes: Partial<Site>,
): JsonObject {
  const site: Site = { domain: hostOf(live), scheme: "https", port: "443", ...changes };
  return gateways[name]?.toEvent(sent, site) as JsonObject;
}

function hostOf(live: JsonObject): string {
  const fields = Object.entries({ ...(live.headers ?? live.multiValueHeaders ?? {}) }) as Field[];
  const found = fields.find(([key]) => key.toLowerCase() === "host");
  return String(found?.[1]);
}
