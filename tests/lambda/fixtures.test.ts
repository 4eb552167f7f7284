import { globSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { coded } from "../core/helpers.ts";
import { environOf, fixture, inputOf, invoke, type Json } from "./helpers.ts";

const NAMES = globSync("**/*.json", { cwd: join(import.meta.dirname, "../fixtures/events") })
  .map((file) => file.replace(/\.json$/, ""))
  .toSorted();

/** Events that are no requests, and what each is told to be. */
const OTHERS: Readonly<Record<string, string>> = {
  "aws-lambda-go/apigw-websocket-request": "aws:websocket",
  "aws-lambda-go/apigw-websocket-request-disconnect": "aws:websocket",
  "aws-lambda-go/apigw-websocket-request-send-message": "aws:websocket",
  "aws-lambda-go/dynamodb-event": "aws:dynamodb",
  "aws-lambda-go/kinesis-event": "aws:kinesis",
  "aws-lambda-go/s3-event": "aws:s3",
  "aws-lambda-go/s3-event-with-decoded": "aws:s3",
  "aws-lambda-go/sns-event": "aws:sns",
  "aws-lambda-go/sqs-event": "aws:sqs",
  "bref-websocket/websocket-connect": "aws:websocket",
  "bref-websocket/websocket-disconnect": "aws:websocket",
  "bref-websocket/websocket-message": "aws:websocket",
  "powertools-lambda-typescript/apigw-http/authorizer-request": "aws:authorizer",
  "powertools-lambda-typescript/apigw-rest/authorizer-request": "aws:authorizer",
  "powertools-lambda-typescript/apigw-rest/authorizer-token": "aws:authorizer",
  "powertools-lambda-typescript/apigw-rest/websocket": "aws:websocket",
  "powertools-lambda-typescript/apigw-websocket/connectEvent": "aws:authorizer",
  "powertools-lambda-typescript/appsync-events/base": "*",
  "powertools-lambda-typescript/appsync/resolver": "*",
  "powertools-lambda-typescript/cloudformation/custom-resource-create": "aws:cloudformation",
  "powertools-lambda-typescript/cloudformation/custom-resource-delete": "aws:cloudformation",
  "powertools-lambda-typescript/cloudformation/custom-resource-update": "aws:cloudformation",
  "powertools-lambda-typescript/cloudwatch/base": "aws:logs",
  "powertools-lambda-typescript/cognito/base": "aws:cognito",
  "powertools-lambda-typescript/connect-outbound-campaigns/base": "*",
  "powertools-lambda-typescript/dynamodb/base": "aws:dynamodb",
  "powertools-lambda-typescript/eventbridge/base": "aws:events",
  "powertools-lambda-typescript/kafka/base": "aws:kafka",
  "powertools-lambda-typescript/kinesis/dynamodb-stream": "aws:kinesis",
  "powertools-lambda-typescript/kinesis/firehose": "aws:firehose",
  "powertools-lambda-typescript/kinesis/firehose-put": "aws:firehose",
  "powertools-lambda-typescript/kinesis/firehose-sqs": "aws:firehose",
  "powertools-lambda-typescript/kinesis/firehose-sqs-invalid": "aws:firehose",
  "powertools-lambda-typescript/kinesis/stream": "aws:kinesis",
  "powertools-lambda-typescript/kinesis/stream-cloudwatch-logs": "aws:kinesis",
  "powertools-lambda-typescript/s3/decoded-key": "aws:s3",
  "powertools-lambda-typescript/s3/delete-object": "aws:s3",
  "powertools-lambda-typescript/s3/eventbridge-object-created": "aws:events",
  "powertools-lambda-typescript/s3/eventbridge-object-deleted": "aws:events",
  "powertools-lambda-typescript/s3/eventbridge-object-expired": "aws:events",
  "powertools-lambda-typescript/s3/eventbridge-object-restored": "aws:events",
  "powertools-lambda-typescript/s3/glacier": "aws:s3",
  "powertools-lambda-typescript/s3/base": "aws:s3",
  "powertools-lambda-typescript/s3/object-iam-user": "aws:s3-object-lambda",
  "powertools-lambda-typescript/s3/object-temp-credentials": "aws:s3-object-lambda",
  "powertools-lambda-typescript/s3/s3-lifecycle-event": "aws:s3",
  "powertools-lambda-typescript/s3/sqs-event": "aws:sqs",
  "powertools-lambda-typescript/ses/base": "aws:ses",
  "powertools-lambda-typescript/sns/base": "aws:sns",
  "powertools-lambda-typescript/sqs/base": "aws:sqs",
  "powertools-lambda-typescript/sqs/sns-body": "aws:sqs",
  "powertools-lambda-typescript/transfer-family/base": "*",
  "serverless-express/dynamodb-stream": "aws:dynamodb",
};

/** Requests that their makers have made wrong, and the place that is. */
const MALFORMED: Readonly<Record<string, string>> = {
  "powertools-lambda-typescript/lambda/invalid": "rawPath",
};

/** A request whose Host header is a placeholder, which no client could send. */
const PLACEHOLDER = "powertools-lambda-typescript/lambda/get-request";

const REQUESTS = NAMES.filter(
  (name) => !(name in OTHERS) && !(name in MALFORMED) && name !== PLACEHOLDER,
);

test("the fixtures are all told apart here", () => {
  const known = [...Object.keys(OTHERS), ...Object.keys(MALFORMED)];
  expect(known.filter((name) => !NAMES.includes(name))).toEqual([]);
  expect(REQUESTS.length).toBe(70);
});

test.each(REQUESTS)("E01 %s makes an environ of the right kinds", async (name) => {
  const environ = await environOf(fixture(name));
  for (const [key, value] of Object.entries(environ)) {
    if (!key.includes(".")) {
      expect(typeof value, key).toBe("string");
      expect(value, key).toMatch(/^[\0-\xff]*$/);
    }
  }
  expect(environ.REQUEST_METHOD).toMatch(/^[A-Z]+$/);
  expect(environ.SCRIPT_NAME).toMatch(/^(?:\/[^/]+)*$/);
  expect(environ.PATH_INFO).toMatch(environ.SCRIPT_NAME === "" ? /^\// : /^(?:\/|$)/);
  expect(environ.QUERY_STRING).toMatch(/^[\x21-\x7e]*$/);
  expect(environ.SERVER_NAME).toMatch(/^[A-Za-z0-9.-]+$/);
  expect(environ.SERVER_PORT).toMatch(/^[0-9]+$/);
  expect(environ.SERVER_PROTOCOL).toMatch(/^HTTP\/[0-9](?:\.[0-9])?$/);
  expect(environ["wsgi.url_scheme"]).toMatch(/^https?$/);
  expect(environ).not.toHaveProperty("HTTP_CONTENT_LENGTH");
  expect(environ).not.toHaveProperty("HTTP_CONTENT_TYPE");
});

test.each(REQUESTS)("E27 %s gives its event and context as they are", async (name) => {
  const event = fixture(name);
  const environ = await environOf(event);
  expect(environ["aws.event"]).toBe(event);
  expect(environ["aws.context"]).toMatchObject({ awsRequestId: "request-1" });
});

test.each(REQUESTS)("I11 %s has as many bytes as CONTENT_LENGTH", async (name) => {
  const { CONTENT_LENGTH: length } = await environOf(fixture(name));
  const read = await inputOf(fixture(name));
  expect(length ?? "0").toBe(String(read.length));
});

test.each(Object.entries(OTHERS))(
  "T14 %s is refused as %s, the application not called",
  async (name, kind) => {
    const { called, error } = await failure(fixture(name));
    expect(called).toBe(false);
    expect(error).toEqual(coded("ERR_EVENT"));
    expect(String(error)).toContain(`options.events["${kind}"]`);
  },
);

test.each(Object.entries(MALFORMED))("T14 %s is refused for its %s", async (name, path) => {
  const { called, error } = await failure(fixture(name));
  expect(called).toBe(false);
  expect(error).toEqual(coded("ERR_EVENT"));
  expect(String(error)).toContain(path);
});

test("T07 a Host header that is a placeholder is answered 400", async () => {
  const { environ, result } = await invoke(fixture(PLACEHOLDER));
  expect([environ, result.statusCode]).toEqual([undefined, 400]);
});

async function failure(event: Json): Promise<{ called: boolean; error: unknown }> {
  let called = false;
  const error: unknown = await invoke(event, () => {
    called = true;
    return [];
  }).catch((thrown: unknown) => thrown);
  return { called, error };
}
