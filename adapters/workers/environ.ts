import { type Environ, nativeFromText } from "../../core/mod.ts";

/** The part of a Worker's `ctx`, or of a Durable Object's state, that the gateway uses. */
export interface WorkerContext {
  /** Keeps the Worker running until the promise settles. */
  waitUntil(promise: Promise<unknown>): void;
}

/** What a Worker gets beside the request. */
export interface WorkerNative {
  readonly env: unknown;
  readonly ctx: WorkerContext;
}

/** A request as Cloudflare makes it. */
interface WorkerRequest extends Request {
  readonly cf?: Readonly<Record<string, unknown>>;
}

/** Adds what only Cloudflare knows: the client's address, the protocol, TLS, the native values. */
export function extendEnviron(
  environ: Environ,
  request: WorkerRequest,
  { env, ctx }: WorkerNative,
): void {
  environ["workers.env"] = env;
  environ["workers.ctx"] = ctx;
  // Set by Cloudflare's edge, over whatever the client has sent under this name.
  const address = environ.HTTP_CF_CONNECTING_IP;
  if (address !== undefined) {
    environ.REMOTE_ADDR = address;
  }
  if (environ.HTTP_CF_RAY !== undefined) {
    environ["dram.request_id"] = environ.HTTP_CF_RAY;
  }
  const { cf } = request;
  if (cf === undefined) {
    return;
  }
  environ["workers.cf"] = cf;
  const { httpProtocol, tlsVersion, tlsCipher } = cf;
  if (typeof httpProtocol === "string" && /^HTTP\/[0-9](?:\.[0-9])?$/.test(httpProtocol)) {
    environ.SERVER_PROTOCOL = httpProtocol;
  }
  if (environ["wsgi.url_scheme"] === "https") {
    setString(environ, "SSL_PROTOCOL", tlsVersion);
    setString(environ, "SSL_CIPHER", tlsCipher);
    setClientCertificate(environ, cf.tlsClientAuth);
  }
}

/** The variables of Apache's mod_ssl for a client certificate (mutual TLS). */
function setClientCertificate(environ: Environ, certificate: unknown): void {
  if (!isClientCertificate(certificate) || certificate.certPresented !== "1") {
    return;
  }
  setString(environ, "SSL_CLIENT_VERIFY", certificate.certVerified);
  setString(environ, "SSL_CLIENT_S_DN", certificate.certSubjectDN);
  setString(environ, "SSL_CLIENT_I_DN", certificate.certIssuerDN);
  setString(environ, "SSL_CLIENT_M_SERIAL", certificate.certSerial);
}

interface ClientCertificate {
  readonly certPresented?: unknown;
  readonly certVerified?: unknown;
  readonly certSubjectDN?: unknown;
  readonly certIssuerDN?: unknown;
  readonly certSerial?: unknown;
}

function isClientCertificate(value: unknown): value is ClientCertificate {
  return typeof value === "object" && value !== null;
}

function setString(environ: Environ, key: string, value: unknown): void {
  if (typeof value === "string" && value !== "") {
    environ[key] = nativeFromText(value);
  }
}
