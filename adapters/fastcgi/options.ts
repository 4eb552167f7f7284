import { fstatSync } from "node:fs";
import { isIP } from "node:net";
import { checkOption, DramError } from "../../core/mod.ts";
import { checkGiven, isBoolean, isName, isPort, isTime } from "../process/mod.ts";
import type { FastcgiOptions } from "./serve.ts";

/**
 * Checks what `serveFastcgi` takes beyond the options of every gateway.
 *
 * @throws {DramError} `ERR_OPTION`, naming the option, what was found and what was wanted.
 */
export function checkOptions(options: FastcgiOptions): void {
  checkGiven(options, "port", isPort, "a number from 0 (any that is free) to 65535");
  checkGiven(options, "host", isName, "a host name or address");
  checkGiven(options, "path", isName, "the path of a Unix socket");
  checkGiven(options, "mode", isMode, "the permissions of a file, such as 0o660");
  checkGiven(options, "fd", isDescriptor, "the number of a file descriptor");
  checkGiven(options, "webServerAddresses", Array.isArray, "an array of addresses");
  checkGiven(options, "requestTimeout", isTime, "a whole number of milliseconds");
  checkGiven(options, "graceTime", isTime, "a whole number of milliseconds");
  checkGiven(options, "workers", isCount, "a number of processes, at least 1");
  checkGiven(options, "signals", isBoolean, "true or false");
  const places = [options.port, options.path, options.fd].filter((place) => place !== undefined);
  if (places.length > 1) {
    throw new DramError(
      "ERR_OPTION",
      "more than one of the options port, path and fd is given; wanted one of them",
    );
  }
  allowedAddresses(options);
}

/**
 * The descriptor to serve where no place is given: that of the standard input, if it is a socket.
 *
 * @throws {DramError} `ERR_OPTION` if it is none.
 */
export function inheritedSocket(): number {
  if (!isSocket(0)) {
    throw new DramError(
      "ERR_OPTION",
      "none of the options port, path and fd is given, and the standard input is no socket, as under mod_fcgid or spawn-fcgi; wanted one of them",
    );
  }
  return 0;
}

/**
 * The addresses from which a web server may connect: those of the option, or of the environment's
 * FCGI_WEB_SERVER_ADDRS (FastCGI 1.0 §3.2).
 *
 * @returns `undefined` for any.
 * @throws {DramError} `ERR_OPTION` for what is no address.
 */
export function allowedAddresses({
  webServerAddresses,
}: FastcgiOptions): readonly string[] | undefined {
  const { FCGI_WEB_SERVER_ADDRS: variable } = process.env;
  const listed = variable ? variable.split(",").map((entry) => entry.trim()) : undefined;
  const name = webServerAddresses === undefined ? "FCGI_WEB_SERVER_ADDRS" : "webServerAddresses";
  const addresses = webServerAddresses ?? listed;
  for (const [index, address] of (addresses ?? []).entries()) {
    checkOption(`${name}[${index}]`, address, isAddress, "an IPv4 or IPv6 address");
  }
  return addresses;
}

function isSocket(fd: number): boolean {
  try {
    return fstatSync(fd).isSocket();
  } catch {
    // It is closed.
    return false;
  }
}

function isAddress(value: unknown): boolean {
  return typeof value === "string" && isIP(value) !== 0;
}

function isMode(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 0o777;
}

function isDescriptor(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0;
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1;
}
