import type { LambdaContext } from "dram/lambda";
import type { Exchange } from "../run/inprocess.ts";
import { EVENTS } from "./events.ts";

type Handler = (event: unknown, context: LambdaContext) => unknown;

interface Result {
  readonly statusCode: number;
  readonly body: string;
  readonly isBase64Encoded?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>;
}

/** What of an event is JSON text, as the runtime gets and sends it. */
export const AS_TEXT = "v2 hello, JSON text in and out";

const CONTEXT: LambdaContext = { awsRequestId: "request", getRemainingTimeInMillis: () => 30_000 };

export function prepare({ handler }: { handler: Handler }): Readonly<Record<string, Exchange>> {
  const exchanges = Object.entries(EVENTS).map(([title, event]): [string, Exchange] => [
    title,
    {
      call: () => handler(event, CONTEXT),
      answer: async () => said((await handler(event, CONTEXT)) as Result),
    },
  ]);
  const text = JSON.stringify(EVENTS["v2 hello"]);
  const call = async () => JSON.stringify(await handler(JSON.parse(text), CONTEXT));
  const asText: Exchange = { call, answer: async () => said(JSON.parse(await call())) };
  return { ...Object.fromEntries(exchanges), [AS_TEXT]: asText };
}

/** Status, type and body, decoded. */
export function said(result: Result): string {
  const { statusCode, body, isBase64Encoded } = result;
  const content = isBase64Encoded ? Buffer.from(body, "base64").toString("latin1") : body;
  return `${statusCode} ${typeOf(result)} ${content}`;
}

/** Without parameters: some say a charset behind `application/json`. */
function typeOf({ headers = {}, multiValueHeaders = {} }: Result): string | undefined {
  const all = Object.entries({ ...headers, ...multiValueHeaders });
  const [, value] = all.find(([name]) => name.toLowerCase() === "content-type") ?? [];
  return String(value).split(";")[0];
}
