// What API Gateway's two kinds of API and function URLs have in common.

import { isHost, splitHost } from "../../../core/mod.ts";
import { type JsonObject, objectOf, stringOf } from "../event.ts";
import { lastEntry, lastValue } from "../headers.ts";

interface Server {
  readonly scheme: string;
  readonly serverName: string;
  readonly serverPort: string;
}

/**
 * Where an API is reached. AWS serves them by HTTPS only, whatever a forwarded header claims; an
 * emulator on the developer's machine calls its domain "localhost", and is believed.
 */
export function apiServer(context: JsonObject, headers: unknown): Server {
  const domain = stringOf(context.domainName);
  if (domain === "localhost") {
    const isHttp = lastEntry(headers, "x-forwarded-proto") === "http";
    const port = lastEntry(headers, "x-forwarded-port") ?? "";
    return {
      scheme: isHttp ? "http" : "https",
      serverName: domain,
      serverPort: /^[0-9]{1,5}$/.test(port) ? port : "",
    };
  }
  const serverName = domain !== undefined && isHost(domain) ? domain : hostOf(headers);
  return { scheme: "https", serverName, serverPort: "443" };
}

/** The server's name where only the client names it; health checks do not even do that. */
export function hostOf(headers: unknown): string {
  const host = lastValue(headers, "host") ?? "";
  return isHost(host) ? splitHost(host).name : "localhost";
}

/** The protocol as CGI writes it. */
export function protocolOf(protocol: unknown): string {
  return protocol === "HTTP/1.1" ||
    (typeof protocol === "string" && /^HTTP\/[0-9](?:\.[0-9])?$/.test(protocol))
    ? protocol
    : "HTTP/1.1";
}

/** Whom API Gateway has authenticated: by IAM, a token, or an authorizer of the deployer's. */
export function userOf(context: JsonObject): string | undefined {
  const { iam, jwt, claims, lambda, principalId } = objectOf(context.authorizer);
  return (
    stringOf(objectOf(iam).userArn) ??
    stringOf(objectOf(objectOf(jwt).claims).sub) ??
    stringOf(objectOf(claims).sub) ??
    stringOf(objectOf(lambda).principalId) ??
    stringOf(principalId) ??
    stringOf(objectOf(context.identity).userArn)
  );
}
