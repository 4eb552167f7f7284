import {
  checkOption,
  createGateway,
  type Gateway,
  type GatewayOptions,
  type Platform,
} from "./gateway.ts";

/** What the deployer may set where a web server stands in front: CGI and FastCGI. */
export interface CgiOptions extends GatewayOptions {
  /**
   * Where the application is mounted: `""` or `/path`, a native string without a trailing slash.
   * Default: what the web server says in SCRIPT_NAME. If given, the path is SCRIPT_NAME and
   * PATH_INFO together, however the server has divided them, and what is outside is answered 404.
   */
  scriptName?: string;
  /**
   * Make SCRIPT_NAME and PATH_INFO of REQUEST_URI, in which `//` and what an escaped slash was part
   * of are as the client sent them, for a server that does not divide the path. Default: trust the
   * server's own. The mount is `scriptName`, or, if that is not given,
   *
   * - `"apache"`: the server's SCRIPT_NAME, which is right under mod_cgid, mod_cgi and mod_fcgid;
   *   but the root for a request of `ProxyPass fcgi://`, which puts the whole path into SCRIPT_NAME
   *   (told by a SCRIPT_FILENAME that starts with `proxy:` and a missing PATH_INFO);
   * - `"nginx"`: the root, because `fastcgi_params` puts the whole path into SCRIPT_NAME.
   *
   * The path then is not the one that the server has compared with its own rules, which merges
   * slashes and resolves dot segments; one with dot segments is therefore answered 400.
   */
  repairPath?: "apache" | "nginx";
  /** Further variables of the web server to be let into environ, such as `GEOIP_COUNTRY_CODE`. */
  variables?: readonly string[];
}

/** A gateway behind a web server. Its `scriptName` is `""`: see `mount`. */
export interface CgiGateway extends Gateway {
  /** `undefined`: where the server says. */
  readonly mount: string | undefined;
  /** See `CgiOptions`. */
  readonly repairPath: "apache" | "nginx" | undefined;
  /** Names to let in beside those that are known. */
  readonly variables: ReadonlySet<string>;
}

/**
 * Checks the deployer's options.
 *
 * @throws {DramError} `ERR_OPTION`, naming the option, what was found and what was wanted.
 */
export function createCgiGateway(options: CgiOptions, platform: Platform): CgiGateway {
  const gateway = createGateway(options, platform);
  const { scriptName: mount, repairPath, variables = [] } = options;
  checkOption(
    "repairPath",
    repairPath,
    (value) => value === undefined || value === "apache" || value === "nginx",
    '"apache" or "nginx"',
  );
  checkOption("variables", variables, Array.isArray, "an array of names");
  for (const [index, name] of variables.entries()) {
    checkOption(`variables[${index}]`, name, isName, "the name of a variable, not one of HTTP_");
  }
  return { ...gateway, scriptName: "", mount, repairPath, variables: new Set(variables) };
}

/** A header goes its own way; a dot or a leading underscore (`wsgi.input`, `__proto__`) is not CGI's. */
function isName(value: unknown): boolean {
  return typeof value === "string" && /^(?!HTTP_)[A-Z][A-Z0-9_]*$/i.test(value);
}
