import { DramError, describe } from "../../core/mod.ts";
import { dig, isObject, type JsonObject, malformed } from "./event.ts";
import { type OtherEvent, otherEvent } from "./events.ts";
import type { Source } from "./request.ts";
import { albMulti, albSingle } from "./sources/alb.ts";
import { edgeOrigin, edgeViewer } from "./sources/edge.ts";
import { http2, isFunctionUrl, url } from "./sources/http.ts";
import { lattice1, lattice2 } from "./sources/lattice.ts";
import { http1, rest } from "./sources/rest.ts";

/** @throws {DramError} `ERR_EVENT` for what is no event at all. */
export function asEvent(event: unknown): JsonObject {
  if (!isObject(event)) {
    throw new DramError("ERR_EVENT", `the event is ${describe(event)}; wanted an object`);
  }
  return event;
}

/**
 * Says once what an event is, the most specific shape first: VPC Lattice v2 and HTTP APIs both call
 * themselves version 2.0, and WebSocket events and authorizers look like requests of a REST API.
 *
 * @returns The source of a request, or what the event is instead.
 * @throws {DramError} `ERR_EVENT` for a request without what would tell its source.
 */
export function classify(event: JsonObject): Source | OtherEvent {
  const { requestContext: context } = event;
  if (!isObject(context)) {
    return withoutContext(event);
  }
  if ("connectionId" in context || "methodArn" in event || "routeArn" in event) {
    return otherEvent(event);
  }
  if (isObject(context.http)) {
    return isFunctionUrl(context) ? url : http2;
  }
  if ("elb" in context) {
    const { multiValueHeaders } = event;
    return multiValueHeaders === undefined || multiValueHeaders === null ? albSingle : albMulti;
  }
  if ("serviceArn" in context || "serviceNetworkArn" in context) {
    return lattice2;
  }
  if ("httpMethod" in event || "resource" in event) {
    return event.version === "1.0" ? http1 : rest;
  }
  if ("rawPath" in event) {
    throw malformed("requestContext.http", context.http, "an object");
  }
  return otherEvent(event);
}

function withoutContext(event: JsonObject): Source | OtherEvent {
  const { Records: records } = event;
  if (Array.isArray(records)) {
    switch (dig(records[0], "cf", "config", "eventType")) {
      case "viewer-request":
        return edgeViewer;
      case "origin-request":
        return edgeOrigin;
    }
  }
  if ("raw_path" in event && "method" in event) {
    return lattice1;
  }
  // Every request but Lattice's has one: this is no other event, but a broken one.
  if ("httpMethod" in event || "rawPath" in event) {
    throw malformed("requestContext", event.requestContext, "an object");
  }
  return otherEvent(event);
}
