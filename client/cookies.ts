import { parseCookieDate } from "./cookiedate.ts";

interface Cookie {
  readonly name: string;
  readonly value: string;
  /** Without a leading dot. */
  readonly domain: string;
  /** Only for this very host. */
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
  /** Milliseconds since 1970; infinite for the life of the client. */
  readonly expires: number;
  /** The order in which cookies were made. */
  readonly serial: number;
}

/**
 * The cookies of a client, as RFC 6265 §5 has them: domain, path, Secure, Max-Age and Expires decide.
 * Without SameSite, for no request comes from another site, and without a list of public suffixes: a
 * domain needs a dot in it.
 */
export class CookieJar {
  #cookies = new Map<string, Cookie>();
  #serial = 0;

  /**
   * Keeps what a response sets.
   *
   * @param url Of the request.
   * @param fields The values of its Set-Cookie headers.
   */
  store(url: URL, fields: readonly string[]): void {
    for (const field of fields) {
      this.#store(url, field);
    }
  }

  /** The Cookie header of a request to a URL; `""` for none. */
  header(url: URL): string {
    return this.#matching(url)
      .map(({ name, value }) => (name === "" ? value : `${name}=${value}`))
      .join("; ");
  }

  /** The value of a cookie, whatever URL it is for; of several, the one that was made first. */
  get(name: string): string | undefined {
    return this.#alive().find((cookie) => cookie.name === name)?.value;
  }

  /** The names of all cookies. */
  names(): string[] {
    return this.#alive().map(({ name }) => name);
  }

  /** Forgets all cookies, as a new client would begin. */
  clear(): void {
    this.#cookies.clear();
  }

  #store(url: URL, field: string): void {
    const { name, value, attributes } = parse(field);
    const host = url.hostname.toLowerCase();
    const domain = attributes.get("domain")?.replace(/^\./, "").toLowerCase() ?? "";
    if ((name === "" && value === "") || (domain !== "" && !isDomainOf(domain, host))) {
      return;
    }
    const given = attributes.get("path") ?? "";
    const path = given.startsWith("/") ? given : defaultPath(url.pathname);
    const key = JSON.stringify([name, domain || host, path]);
    this.#cookies.set(key, {
      name,
      value,
      domain: domain || host,
      hostOnly: domain === "",
      path,
      secure: attributes.has("secure"),
      expires: expiryOf(attributes),
      serial: this.#cookies.get(key)?.serial ?? this.#serial++,
    });
  }

  #matching({ hostname, pathname, protocol }: URL): Cookie[] {
    return this.#alive()
      .filter(
        ({ domain, hostOnly, path, secure }) =>
          (hostOnly ? domain === hostname : isDomainOf(domain, hostname)) &&
          isPathOf(path, pathname) &&
          (!secure || protocol === "https:"),
      )
      .toSorted((a, b) => b.path.length - a.path.length || a.serial - b.serial);
  }

  #alive(): Cookie[] {
    const now = Date.now();
    return [...this.#cookies.values()]
      .filter(({ expires }) => expires > now)
      .toSorted((a, b) => a.serial - b.serial);
  }
}

/** RFC 6265 §5.2: the last of each attribute counts. */
function parse(field: string): { name: string; value: string; attributes: Map<string, string> } {
  const [pair = "", ...rest] = field.split(";");
  // A cookie without a name is one with a value alone, as browsers have it.
  const [name, value] = pair.includes("=") ? cut(pair) : ["", pair.trim()];
  const attributes = new Map<string, string>();
  for (const part of rest) {
    const [attribute, given] = cut(part);
    const lower = attribute.toLowerCase();
    // Dates and numbers that are none do not count, so that an earlier one still does.
    if (
      !(lower === "max-age" && !/^-?[0-9]+$/.test(given)) &&
      !(lower === "expires" && parseCookieDate(given) === undefined)
    ) {
      attributes.set(lower, given);
    }
  }
  return { name, value, attributes };
}

function cut(part: string): [name: string, value: string] {
  const equals = part.indexOf("=");
  return equals === -1
    ? [part.trim(), ""]
    : [part.slice(0, equals).trim(), part.slice(equals + 1).trim()];
}

function expiryOf(attributes: ReadonlyMap<string, string>): number {
  const age = attributes.get("max-age");
  if (age !== undefined) {
    return Number(age) > 0 ? Date.now() + Number(age) * 1000 : Number.NEGATIVE_INFINITY;
  }
  return parseCookieDate(attributes.get("expires") ?? "") ?? Number.POSITIVE_INFINITY;
}

/** RFC 6265 §5.1.3, and no single label, which would be all of a top-level domain. */
function isDomainOf(domain: string, host: string): boolean {
  return (
    host === domain || (host.endsWith(`.${domain}`) && domain.includes(".") && !isAddress(host))
  );
}

function isAddress(host: string): boolean {
  return /^[0-9.]+$/.test(host) || host.startsWith("[");
}

/** RFC 6265 §5.1.4. */
function isPathOf(path: string, asked: string): boolean {
  return (
    asked === path ||
    (asked.startsWith(path) && (path.endsWith("/") || asked.charAt(path.length) === "/"))
  );
}

function defaultPath(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}
