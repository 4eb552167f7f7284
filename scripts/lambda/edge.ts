import { forwarded, isNamed } from "./fields.ts";
import type { Gateway } from "./gateway.ts";
import { type Field, Refusal } from "./message.ts";
import { isObject, malformed, objectOf } from "./result.ts";

// "Lambda@Edge event structure" and "Restrictions on edge functions", Amazon CloudFront, 2026-11.

const MEGABYTE = 1_048_576;

/** Lambda@Edge at an origin request, with the body included and all of the query forwarded. */
export const edge: Gateway = {
  title: "Lambda@Edge at an origin request",
  domain: "d111111abcdef8.cloudfront.net",
  maxBody: Number.POSITIVE_INFINITY,
  streams: false,

  toEvent(request, site) {
    const { method, path, query, body, address, id } = request;
    if (method === "GET" && body.length > 0) {
      throw new Refusal(403, "CloudFront takes no GET with a body");
    }
    return {
      Records: [
        {
          cf: {
            config: {
              distributionDomainName: site.domain,
              distributionId: "EDFDVBD6EXAMPLE",
              eventType: "origin-request",
              requestId: id,
            },
            request: {
              ...(body.length > 0 ? { body: toBody(body) } : {}),
              clientIp: address,
              headers: toMap(forwarded(request, site).filter(([name]) => !HIDDEN.test(name))),
              method,
              querystring: query,
              uri: path,
            },
          },
        },
      ],
    };
  },

  toResponse(value) {
    const result = objectOf(value);
    const { status, statusDescription, body = "", bodyEncoding = "text" } = result;
    if (status === undefined && result.uri !== undefined) {
      throw new Refusal(502, "the function lets the origin answer, and there is none here");
    }
    if (typeof status !== "string" || !/^[2-5][0-9]{2}$/.test(status)) {
      return malformed("status", status, 'a string from "200" to "599"');
    }
    if (statusDescription !== undefined && typeof statusDescription !== "string") {
      return malformed("statusDescription", statusDescription, "a string");
    }
    if (bodyEncoding !== "text" && bodyEncoding !== "base64") {
      return malformed("bodyEncoding", bodyEncoding, '"text" or "base64"');
    }
    if (typeof body !== "string") {
      return malformed("body", body, "a string");
    }
    const headers = fromMap(result.headers);
    const size = headers.reduce(
      (sum, [name, text]) => sum + name.length + text.length,
      body.length,
    );
    if (size > MEGABYTE) {
      throw new Refusal(502, `headers and body have ${size} bytes, wanted at most ${MEGABYTE}`);
    }
    return {
      status: Number(status),
      ...(statusDescription === undefined ? {} : { reason: statusDescription }),
      headers,
      body: Buffer.from(body, bodyEncoding === "text" ? "utf8" : "base64"),
    };
  },
};

function toBody(body: Buffer): unknown {
  return {
    inputTruncated: body.length > MEGABYTE,
    action: "read-only",
    encoding: "base64",
    data: body.subarray(0, MEGABYTE).toString("base64"),
  };
}

function toMap(fields: readonly Field[]): unknown {
  const map: Record<string, { key: string; value: string }[]> = {};
  for (const [key, value] of fields) {
    const name = key.toLowerCase();
    map[name] = [...(map[name] ?? []), { key, value }];
  }
  return map;
}

function fromMap(map: unknown): Field[] {
  if (map === undefined) {
    return [];
  }
  return Object.entries(objectOf(map)).flatMap(([name, list]) => {
    if (DISALLOWED.test(name) || READ_ONLY.test(name)) {
      throw new Refusal(502, `CloudFront takes no ${name} from a function`);
    }
    if (name !== name.toLowerCase() || !Array.isArray(list)) {
      return malformed(`headers.${name}`, list, "an array under a name in lower case");
    }
    return list.map((field: unknown): Field => {
      const { key = name, value } = isObject(field) ? field : {};
      return typeof key === "string" && isNamed(key, name) && typeof value === "string"
        ? [key, value]
        : malformed(`headers.${name}`, field, "{ key, value }");
    });
  });
}

/** A function neither sees nor may add these. */
const DISALLOWED =
  /^(?:connection|expect|keep-alive|proxy-authenticate|proxy-authorization|proxy-connection|trailer|upgrade|x-accel-(?:buffering|charset|limit-rate|redirect)|x-amz-cf-.*|x-amzn-(?:auth|cf-billing|cf-id|cf-xff|errortype|fle-profile|header-count|header-order|lambda-integration-tag|requestid)|x-cache|x-edge-.*|x-forwarded-proto|x-real-ip)$/i;

/** A function may not change these at an origin request. */
const READ_ONLY = /^(?:content-length|host|transfer-encoding|via)$/i;

/** And CloudFront does not write these two that other gateways do. */
const HIDDEN = new RegExp(`${DISALLOWED.source}|^x-forwarded-port$|^x-amzn-trace-id$`, "i");
