import {
  encodeBody,
  forwarded,
  group,
  isNamed,
  last,
  lastValue,
  lowerCase,
  parameters,
  single,
} from "./fields.ts";
import type { Gateway } from "./gateway.ts";
import { type HttpRequest, type HttpResponse, Refusal, type Site } from "./message.ts";
import { isSent, isText } from "./payload2.ts";
import {
  bodyOf,
  type JsonObject,
  malformed,
  multiOf,
  objectOf,
  singleOf,
  statusOf,
} from "./result.ts";

// "Lambda functions as targets", Application Load Balancers, 2026-11.

const MEGABYTE = 1_048_576;

const common = {
  domain: "lb-1234567890.eu-central-1.elb.amazonaws.com",
  maxBody: MEGABYTE,
  streams: false,
} as const;

/** A target group as it is made: one value a name, the last one. */
export const alb: Gateway = {
  ...common,
  title: "an Application Load Balancer",

  toEvent(request, site) {
    const { fields, query } = partsOf(request, site);
    return {
      ...eventOf(request),
      queryStringParameters: single(query, last),
      headers: single(fields, last),
    };
  },

  toResponse(value, { method }) {
    const result = objectOf(value);
    return responseOf(result, method, singleOf(result.headers));
  },
};

/** A target group with `lambda.multi_value_headers.enabled`. */
export const albMulti: Gateway = {
  ...common,
  title: "an Application Load Balancer with multi-value headers",

  toEvent(request, site) {
    const { fields, query } = partsOf(request, site);
    return {
      ...eventOf(request),
      multiValueQueryStringParameters: query,
      multiValueHeaders: fields,
    };
  },

  toResponse(value, { method }) {
    const result = objectOf(value);
    return responseOf(result, method, multiOf(result.multiValueHeaders));
  },
};

/** Parameters are not decoded. */
function partsOf(
  request: HttpRequest,
  site: Site,
): { fields: Record<string, string[]>; query: Record<string, string[]> } {
  if (request.headers.some(([name]) => isNamed(name, "upgrade"))) {
    throw new Refusal(400, "a load balancer does not upgrade the connection to a function");
  }
  return {
    fields: group(lowerCase(forwarded(request, site))),
    query: group(parameters(request.query)),
  };
}

function eventOf({ method, path, headers, body }: HttpRequest): JsonObject {
  const encoded = lastValue(headers, "content-encoding") !== undefined;
  return {
    requestContext: {
      elb: {
        targetGroupArn:
          "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/local/6d0ecf831eec9f09",
      },
    },
    httpMethod: method,
    path,
    ...(body.length === 0
      ? { body: "", isBase64Encoded: false }
      : encodeBody(body, !encoded && isText(lastValue(headers, "content-type")))),
  };
}

/** Headers of the connection are not honoured, and the length is counted. */
function responseOf(
  result: JsonObject,
  method: string,
  headers: HttpResponse["headers"],
): HttpResponse {
  const status = statusOf(result.statusCode);
  const size = Buffer.byteLength(JSON.stringify(result));
  if (size > MEGABYTE) {
    throw new Refusal(502, `the result is JSON of ${size} bytes, wanted at most ${MEGABYTE}`);
  }
  const { statusDescription = String(status) } = result;
  const [, reason] = /^\d{3}(?: (.*))?$/.exec(String(statusDescription)) ?? [];
  if (!String(statusDescription).startsWith(String(status))) {
    malformed("statusDescription", statusDescription, `${status}, a space and a reason`);
  }
  return {
    status,
    ...(reason === undefined ? {} : { reason }),
    headers: headers.filter(([name]) => isSent(name, method) && !isNamed(name, "connection")),
    body: bodyOf(result),
  };
}
