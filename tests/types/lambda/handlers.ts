// Compiled, never run: the published signatures meet those of @types/aws-lambda and of Powertools.

import { Logger } from "@aws-lambda-powertools/logger";
import type {
  APIGatewayProxyWebsocketHandlerV2,
  Context,
  Handler,
  SQSBatchResponse,
  SQSEvent,
} from "aws-lambda";
import type { Application } from "dram";
import {
  type LambdaContext,
  type LambdaLogger,
  toLambda,
  toLambdaStream,
  webSocketApi,
} from "dram/lambda";

declare const application: Application;

// Lambda's own context is more than the gateway asks for.
declare const lambdaContext: Context;
export const context: LambdaContext = lambdaContext;

// A logger as it is made, and a child of one, fit the option.
export const logger: LambdaLogger = new Logger();
export const whole: unknown = toLambda(application, { logger: new Logger({ serviceName: "a" }) });
export const streamed: unknown = toLambdaStream(application, {
  logger: new Logger().createChild(),
});

// What the events are handled by keeps its own types.
export const handler = toLambda(application, {
  events: {
    "aws:sqs": async (event: SQSEvent, _context: Context): Promise<SQSBatchResponse> => ({
      batchItemFailures: event.Records.map((record) => ({ itemIdentifier: record.messageId })),
    }),
  },
});

// WebSockets: stores and clients of the deployer's, such as the SDK's, fit.
declare const sdk: { send(command: unknown): Promise<{ $metadata: object }> };
export const sockets = toLambda(application, {
  websocket: webSocketApi(
    { message: (connection, data) => connection.send(data) },
    {
      store: new Map<string, string>(),
      client: {
        post: async (ConnectionId, Data) => void (await sdk.send({ ConnectionId, Data })),
        delete: async (ConnectionId) => void (await sdk.send({ ConnectionId })),
      },
    },
  ),
});
export const socketHandler: APIGatewayProxyWebsocketHandlerV2<unknown> = toLambda(application);

// @ts-expect-error Handlers alone do not say how to send.
toLambda(application, { websocket: { message() {} } });

// It is a handler of Lambda's.
export const typed: Handler<unknown, unknown> = toLambda(application);

// @ts-expect-error A logger without an error method is none.
toLambda(application, { logger: { info() {} } });

// @ts-expect-error Its attributes are an object, not a number.
toLambda(application, { logger: { error(_message: string, _attributes: number) {} } });
