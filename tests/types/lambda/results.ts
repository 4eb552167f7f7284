// Compiled, never run: the published signatures meet DefinitelyTyped's types of AWS Lambda.

import type {
  ALBHandler,
  APIGatewayProxyHandler,
  APIGatewayProxyHandlerV2,
  APIGatewayProxyWithLambdaAuthorizerHandler,
  CloudFrontRequestHandler,
  Context,
  Handler,
  LambdaFunctionURLHandler,
  SQSBatchResponse,
  SQSEvent,
} from "aws-lambda";
import type { Application } from "dram";
import { type LambdaContext, type LambdaStream, toLambda, toLambdaStream } from "dram/lambda";

declare const application: Application;

export const http: APIGatewayProxyHandlerV2 = toLambda(application);
export const rest: APIGatewayProxyHandler = toLambda(application);
export const authorized: APIGatewayProxyWithLambdaAuthorizerHandler<object> = toLambda(application);
export const url: LambdaFunctionURLHandler = toLambda(application);
export const alb: ALBHandler = toLambda(application);
export const edge: CloudFrontRequestHandler = toLambda(application);
export const any: Handler = toLambda(application);

declare const context: Context;
export const given: LambdaContext = context;

// Without a type to fit, a result is unknown.
declare const event: unknown;
const result: unknown = toLambda(application)(event, context);

export { result };

// The stream of the runtime is what a streaming handler takes.
declare const stream: awslambda.HttpResponseStream;
export const taken: LambdaStream = stream;

// Handlers of other events keep their own types.
toLambda(application, {
  events: {
    async "aws:sqs"(batch: SQSEvent, _context: Context): Promise<SQSBatchResponse> {
      return {
        batchItemFailures: batch.Records.map(({ messageId: itemIdentifier }) => ({
          itemIdentifier,
        })),
      };
    },
  },
});

// @ts-expect-error An option of the wrong type is an error.
toLambdaStream(application, { deadlineMargin: "500" });
