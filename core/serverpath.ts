import type { CgiGateway } from "./cgigateway.ts";
import { DramError, quote } from "./errors.ts";
import { belowPrefix } from "./prefix.ts";
import { cutUrl } from "./target.ts";
import type { Environ } from "./types.ts";
import { quotePath } from "./uri.ts";

type Variables = ReadonlyMap<string, string>;

/** The path as the server has decoded and divided it. */
export interface ServerPath {
  readonly scriptName: string;
  readonly pathInfo: string;
}

/** SCRIPT_NAME without a slash at its end, which is then the first of PATH_INFO. */
export function pathOf(variables: Variables): ServerPath {
  const given = variables.get("SCRIPT_NAME") ?? "";
  const rest = variables.get("PATH_INFO") ?? "";
  if (given !== "" && !given.startsWith("/")) {
    throw new DramError("ERR_EVENT", `the variable SCRIPT_NAME is ${quote(given)}; wanted a path`);
  }
  if (`${given}${rest}`.includes("\0")) {
    throw new DramError("ERR_TARGET", `the path ${quote(given + rest)} holds NUL`);
  }
  const scriptName = withoutSlashes(given);
  const isWhole = rest === "" && scriptName === given && given !== "";
  return { scriptName, pathInfo: isWhole || rest.startsWith("/") ? rest : `/${rest}` };
}

/** REQUEST_URI, which most servers send but no standard names; else one made of what there is. */
export function targetOf(
  variables: Variables,
  { scriptName, pathInfo }: ServerPath,
  { repairPath }: CgiGateway,
): string {
  const uri = variables.get("REQUEST_URI");
  if (uri) {
    // Some servers hand on a target in absolute form as it came.
    return uri.includes("://") && !uri.startsWith("/") ? cutUrl(uri).target : uri;
  }
  if (repairPath !== undefined) {
    throw new DramError(
      "ERR_EVENT",
      `the variable REQUEST_URI is missing; option repairPath: ${quote(repairPath)} needs it`,
    );
  }
  const query = variables.get("QUERY_STRING");
  return quotePath(scriptName + pathInfo) + (query ? `?${query}` : "");
}

/** Divides the path. What `createEnviron` has put into PATH_INFO is the path of REQUEST_URI, decoded. */
export function placePath(
  environ: Environ,
  server: ServerPath,
  variables: Variables,
  { mount, repairPath }: CgiGateway,
): void {
  const scriptName = mount ?? (isUndivided(variables, repairPath) ? "" : server.scriptName);
  const path = repairPath ? environ.PATH_INFO : server.scriptName + server.pathInfo;
  if (repairPath && /\/\.\.?(?:\/|$)/.test(path)) {
    // "/admin/../public" is "/public" to the server's rules for "/admin".
    throw new DramError("ERR_TARGET", `the path ${quote(path)} holds a dot segment`);
  }
  const rest = belowPrefix(scriptName, path);
  if (rest === undefined) {
    throw new DramError("ERR_NOT_MOUNTED", `${quote(path)} is not below ${quote(scriptName)}`);
  }
  environ.SCRIPT_NAME = scriptName;
  environ.PATH_INFO = rest;
}

/** By hand, because `/\/+$/` tries every slash inside as the first of the end. */
function withoutSlashes(path: string): string {
  let end = path.length;
  while (end > 0 && path[end - 1] === "/") {
    end--;
  }
  return path.slice(0, end);
}

/** Whether this server has left the whole path in SCRIPT_NAME, as `repairPath` tells. */
function isUndivided(variables: Variables, repairPath: CgiGateway["repairPath"]): boolean {
  switch (repairPath) {
    case "apache":
      return (
        Boolean(variables.get("SCRIPT_FILENAME")?.startsWith("proxy:")) &&
        !variables.get("PATH_INFO")
      );
    case "nginx":
      return true;
    default:
      return false;
  }
}
