import {
  encodeBody,
  formDecode,
  forwarded,
  group,
  lastValue,
  lowerCase,
  parameters,
} from "./fields.ts";
import type { Gateway } from "./gateway.ts";
import { isSent, isText } from "./payload2.ts";
import { bodyOf, objectOf, singleOf, statusOf } from "./result.ts";

/**
 * VPC Lattice, event structure version 2 ("Lambda functions as targets in VPC Lattice", 2026-11):
 * lists of values in, one value a name out.
 */
export const lattice: Gateway = {
  title: "VPC Lattice",
  domain: "local-0123456789abcdef0.vpc-lattice-svcs.eu-central-1.on.aws",
  maxBody: 6_291_456,
  streams: false,

  toEvent(request, site) {
    const { method, path, query, headers, body, time } = request;
    const decoded = parameters(query).map(
      ([name, value]) => [formDecode(name), formDecode(value)] as const,
    );
    return {
      version: "2.0",
      path,
      method,
      headers: group(lowerCase(forwarded(request, site))),
      ...(decoded.length > 0 ? { queryStringParameters: group(decoded) } : {}),
      ...(body.length > 0
        ? encodeBody(body, isText(lastValue(headers, "content-type")))
        : { isBase64Encoded: false }),
      requestContext: {
        serviceNetworkArn: `${ARN}:servicenetwork/sn-0123456789abcdef0`,
        serviceArn: `${ARN}:service/svc-0123456789abcdef0`,
        targetGroupArn: `${ARN}:targetgroup/tg-0123456789abcdef0`,
        identity: { sourceVpcArn: "arn:aws:ec2:eu-central-1:123456789012:vpc/vpc-0123456789" },
        region: "eu-central-1",
        // Microseconds.
        timeEpoch: `${time}000`,
      },
    };
  },

  toResponse(value, { method }) {
    const result = objectOf(value);
    return {
      status: statusOf(result.statusCode),
      headers: singleOf(result.headers).filter(([name]) => isSent(name, method)),
      body: bodyOf(result),
    };
  },
};

const ARN = "arn:aws:vpc-lattice:eu-central-1:123456789012";
