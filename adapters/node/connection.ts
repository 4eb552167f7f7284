import { isIPv6, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { type Environ, nativeFromText, plainAddress } from "../../core/mod.ts";
import type { NodeRequest } from "./client.ts";

/** What all requests of one connection have in common. */
export interface Connection {
  readonly scheme: "http" | "https";
  /** The address that the client has connected to; IPv6 in brackets, `localhost` for a Unix socket. */
  readonly serverName: string;
  /** Digits; `""` for a Unix socket. */
  readonly serverPort: string;
  /** Absent for a Unix socket. */
  readonly remoteAddress: string | undefined;
  readonly remotePort: string | undefined;
  /** The variables of Apache's mod_ssl. */
  readonly tls: Readonly<Record<string, string>> | undefined;
}

const connections = new WeakMap<object, Connection>();

/** Asked of the system once a connection: each answer is a system call. */
export function connectionOf(request: NodeRequest): Connection {
  // A request of HTTP/2 has a new stand-in for its socket each time; the session stays.
  const key: object = ("stream" in request ? request.stream.session : undefined) ?? request.socket;
  let connection = connections.get(key);
  if (connection === undefined) {
    connection = describeSocket(request.socket);
    connections.set(key, connection);
  }
  return connection;
}

/** Adds what a connection tells of the client and of TLS. */
export function extendEnviron(environ: Environ, connection: Connection): void {
  if (connection.remoteAddress !== undefined) {
    environ.REMOTE_ADDR = connection.remoteAddress;
  }
  if (connection.remotePort !== undefined) {
    environ.REMOTE_PORT = connection.remotePort;
  }
  if (connection.tls !== undefined) {
    Object.assign(environ, connection.tls);
  }
}

function describeSocket(socket: Socket): Connection {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  const server = localAddress === undefined ? "localhost" : plainAddress(localAddress);
  return {
    scheme: isTls(socket) ? "https" : "http",
    serverName: isIPv6(server) ? `[${server}]` : server,
    serverPort: localPort === undefined ? "" : String(localPort),
    remoteAddress: remoteAddress === undefined ? undefined : plainAddress(remoteAddress),
    remotePort: remotePort === undefined ? undefined : String(remotePort),
    tls: isTls(socket) ? describeTls(socket) : undefined,
  };
}

/** Also of the stand-in that HTTP/2 gives for the socket, which no `instanceof` would tell. */
function isTls(socket: Socket): socket is TLSSocket {
  return socket instanceof TLSSocket || ("encrypted" in socket && socket.encrypted === true);
}

function describeTls(socket: TLSSocket): Record<string, string> {
  const tls: Record<string, string> = {};
  const protocol = socket.getProtocol();
  if (protocol !== null) {
    tls.SSL_PROTOCOL = protocol;
  }
  const { name } = socket.getCipher();
  tls.SSL_CIPHER = name;
  const certificate = socket.getPeerX509Certificate();
  if (certificate !== undefined) {
    const { authorized, authorizationError } = socket;
    tls.SSL_CLIENT_VERIFY = authorized ? "SUCCESS" : `FAILED:${authorizationError}`;
    tls.SSL_CLIENT_S_DN = distinguishedName(certificate.subject);
    tls.SSL_CLIENT_I_DN = distinguishedName(certificate.issuer);
    tls.SSL_CLIENT_M_SERIAL = certificate.serialNumber;
  }
  return tls;
}

/** Node gives one attribute a line, the widest first; mod_ssl one line, the narrowest first (RFC 4514). */
function distinguishedName(lines: string): string {
  return nativeFromText(lines.split("\n").reverse().join(","));
}
