import {
  type Capabilities,
  createEnviron,
  type Environ,
  type ErrorStream,
  type Gateway,
  nativeFromText,
  RequestFields,
} from "../../core/mod.ts";
import { readBody } from "./body.ts";
import { isObject } from "./event.ts";
import { addHeaders } from "./headers.ts";
import type { Invocation, LambdaContext } from "./invocation.ts";
import type { EventPaths, LambdaRequest } from "./request.ts";

/** What an environ has beside the request. */
interface Native {
  readonly event: unknown;
  readonly context: LambdaContext | undefined;
  readonly invocation: Invocation;
  readonly capabilities: Capabilities;
  readonly errors: ErrorStream;
}

/**
 * The environ of a request. The event and the context come into it as the objects that they are,
 * and in no other way: a header cannot pass for them.
 *
 * @throws {DramError} `ERR_EVENT` for what AWS would not have sent; others for a malformed request.
 */
export function toEnviron(
  request: LambdaRequest,
  paths: EventPaths,
  gateway: Gateway,
  { event, context, invocation, capabilities, errors }: Native,
): Environ {
  const environ = createEnviron(gateway, {
    method: request.method,
    target: request.target,
    scheme: request.scheme,
    protocol: request.protocol,
    serverName: request.serverName,
    serverPort: request.serverPort,
    mount: request.mount ?? "",
    waitUntil: (promise) => invocation.waitUntil(promise),
    errors,
  });
  environ["aws.event"] = event;
  environ["aws.context"] = context;
  environ["dram.signal"] = invocation.signal;
  environ["dram.capabilities"] = capabilities;
  setString(environ, "dram.request_id", context?.awsRequestId ?? request.id);
  setString(environ, "REMOTE_ADDR", request.remoteAddress);
  setString(environ, "REMOTE_PORT", request.remotePort);
  setString(environ, "REMOTE_USER", request.remoteUser);
  setCertificate(environ, request.certificate);
  const fields = new RequestFields(environ, gateway);
  const announced = addHeaders(fields, request, paths);
  const body = readBody(request, paths);
  if (body.length > 0 || announced) {
    fields.add("content-length", String(body.length));
  }
  fields.finish(body.open);
  return environ;
}

/** The variables of Apache's mod_ssl for a client certificate (mutual TLS). */
function setCertificate(environ: Environ, certificate: unknown): void {
  if (!isObject(certificate) || !certificate.clientCertPem) {
    return;
  }
  environ.SSL_CLIENT_VERIFY = "SUCCESS";
  setString(environ, "SSL_CLIENT_CERT", certificate.clientCertPem);
  setString(environ, "SSL_CLIENT_S_DN", certificate.subjectDN);
  setString(environ, "SSL_CLIENT_I_DN", certificate.issuerDN);
  setString(environ, "SSL_CLIENT_M_SERIAL", certificate.serialNumber);
}

function setString(environ: Environ, key: string, value: unknown): void {
  if (typeof value === "string" && value !== "") {
    environ[key] = /^[\0-\x7f]*$/.test(value) ? value : nativeFromText(value);
  }
}
