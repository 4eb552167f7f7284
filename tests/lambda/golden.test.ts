import { expect, test } from "vitest";
import { environOf, fixture, inputOf } from "./helpers.ts";

// Captured from AWS: one request, through four sources. What they were sent is told in SOURCES.md.

const BODY = '{"message":"hello from the public internet","unicode":"lambda-λ"}';

const QUERY =
  "repeat=one&repeat=two&redirect=https%3A%2F%2Fexample.com%2Fa%2Fb&literalPlus=a+b&encodedPlus=a%2Bb&empty=";
// Maps have lost the order of the names.
const SORTED =
  "empty=&encodedPlus=a%2Bb&literalPlus=a+b&redirect=https%3A%2F%2Fexample.com%2Fa%2Fb&repeat=one&repeat=two";

const COMMON = {
  REQUEST_METHOD: "POST",
  SCRIPT_NAME: "",
  PATH_INFO: "/capture/space value",
  SERVER_PROTOCOL: "HTTP/1.1",
  GATEWAY_INTERFACE: "CGI/1.1",
  SERVER_SOFTWARE: "dram/0.1.0 (lambda)",
  REMOTE_ADDR: "203.0.113.7",
  CONTENT_TYPE: "application/json",
  CONTENT_LENGTH: "66",
  HTTP_ACCEPT: "*/*",
  HTTP_COOKIE: "session=abc123; theme=dark",
  HTTP_USER_AGENT: "curl/8.7.1",
  HTTP_X_FORWARDED_FOR: "203.0.113.7",
  "dram.request_id": "request-1",
};

const HTTPS = {
  "wsgi.url_scheme": "https",
  HTTPS: "on",
  SERVER_PORT: "443",
  HTTP_X_FORWARDED_PORT: "443",
  HTTP_X_FORWARDED_PROTO: "https",
};

const GOLDEN = {
  "apigwv1-request": {
    ...COMMON,
    ...HTTPS,
    SCRIPT_NAME: "/live",
    SERVER_NAME: "restapi123.execute-api.us-west-2.amazonaws.com",
    HTTP_HOST: "restapi123.execute-api.us-west-2.amazonaws.com",
    QUERY_STRING: SORTED.replace("a+b", "a%20b"),
    REQUEST_URI: `/live/capture/space%20value?${SORTED.replace("a+b", "a%20b")}`,
    RAW_URI: `/live/capture/space%20value?${SORTED.replace("a+b", "a%20b")}`,
    HTTP_X_AMZN_TRACE_ID: "Root=1-6a5145a8-536f3e792f6be9b44c1f46fa",
    HTTP_X_VOKER_PROBE: "first, second",
  },
  "apigwv2-request": {
    ...COMMON,
    ...HTTPS,
    SERVER_NAME: "httpapi123.execute-api.us-west-2.amazonaws.com",
    HTTP_HOST: "httpapi123.execute-api.us-west-2.amazonaws.com",
    QUERY_STRING: QUERY,
    REQUEST_URI: `/capture/space%20value?${QUERY}`,
    RAW_URI: `/capture/space%20value?${QUERY}`,
    HTTP_X_AMZN_TRACE_ID: "Root=1-6a5145a9-1bae89e2512ec92d5d9438a0",
    HTTP_X_VOKER_PROBE: "first,second",
  },
  "functionurl-request": {
    ...COMMON,
    ...HTTPS,
    SERVER_NAME: "furlabcdefghijklmnopqrstuvwxyz01.lambda-url.us-west-2.on.aws",
    HTTP_HOST: "furlabcdefghijklmnopqrstuvwxyz01.lambda-url.us-west-2.on.aws",
    QUERY_STRING: QUERY,
    REQUEST_URI: `/capture/space%20value?${QUERY}`,
    RAW_URI: `/capture/space%20value?${QUERY}`,
    HTTP_X_AMZN_TLS_CIPHER_SUITE: "TLS_AES_128_GCM_SHA256",
    HTTP_X_AMZN_TLS_VERSION: "TLSv1.3",
    HTTP_X_AMZN_TRACE_ID: "Root=1-6a5145aa-290a323a5de9a2e0636377d4",
    HTTP_X_VOKER_PROBE: "first,second",
  },
  "alb-request": {
    ...COMMON,
    "wsgi.url_scheme": "http",
    SERVER_PORT: "80",
    HTTP_X_FORWARDED_PORT: "80",
    HTTP_X_FORWARDED_PROTO: "http",
    SERVER_NAME: "my-alb-1234567890.us-west-2.elb.amazonaws.com",
    HTTP_HOST: "my-alb-1234567890.us-west-2.elb.amazonaws.com",
    QUERY_STRING: SORTED,
    REQUEST_URI: `/capture/space%20value?${SORTED}`,
    RAW_URI: `/capture/space%20value?${SORTED}`,
    HTTP_X_AMZN_TRACE_ID: "Root=1-6a5145a7-5c3686ff7df3149177a89157",
    HTTP_X_VOKER_PROBE: "first, second",
  },
} as const;

test.each(Object.entries(GOLDEN))("E01 %s has exactly this environ", async (name, expected) => {
  const environ = await environOf(fixture(`live-redacted/${name}`));
  const texts = Object.entries(environ).filter(([, value]) => typeof value === "string");
  expect(Object.fromEntries(texts)).toEqual(expected);
});

test.each(Object.keys(GOLDEN))("I04 %s has this body", async (name) => {
  const read = await inputOf(fixture(`live-redacted/${name}`));
  expect(Buffer.from(read, "latin1").toString("utf8")).toBe(BODY);
});
