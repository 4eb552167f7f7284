import { text } from "./body.ts";
import { DramError } from "./errors.ts";
import { belowPrefix, isPrefix } from "./prefix.ts";
import type { Application, Environ } from "./types.ts";

/**
 * Puts an application below a path. Inside it, SCRIPT_NAME has grown and PATH_INFO shrunk by the
 * prefix, so its links stay right. Mounts nest, and chain through `otherwise`.
 *
 * @param prefix `/path`, a native string without a trailing slash; matched at a segment boundary, so
 *   that `/app` does not take `/application`.
 * @param otherwise Answers everything else; default: 404.
 * @throws {DramError} `ERR_OPTION` if the prefix is not such a path.
 */
export function mount(
  prefix: string,
  application: Application,
  otherwise: Application = notFound,
): Application {
  if (!isPrefix(prefix)) {
    throw new DramError(
      "ERR_OPTION",
      `mount: the prefix is ${JSON.stringify(prefix)}; wanted a path such as "/app" without a trailing slash`,
    );
  }
  return (environ, startResponse) => {
    const rest = belowPrefix(prefix, environ.PATH_INFO);
    if (rest === undefined) {
      return otherwise(environ, startResponse);
    }
    environ.SCRIPT_NAME += prefix;
    environ.PATH_INFO = rest;
    return application(environ, startResponse);
  };
}

/**
 * Moves the next segment of PATH_INFO to SCRIPT_NAME, as wsgiref's function of this name: empty
 * segments and `.` are left out, `..` takes one back.
 *
 * @returns The segment; `""` at a trailing slash; `null` if nothing is left.
 */
export function shiftPathInfo(environ: Environ): string | null {
  if (environ.PATH_INFO === "") {
    return null;
  }
  const segments = environ.PATH_INFO.split("/").slice(1);
  const last = segments.pop() ?? "";
  const rest = [...segments.filter((segment) => segment !== "" && segment !== "."), last];
  const name = rest.shift() ?? "";
  const script: string[] = [];
  for (const segment of `${environ.SCRIPT_NAME}/${name}`.split("/")) {
    if (segment === "..") {
      script.pop();
    } else if (segment !== "" && segment !== ".") {
      script.push(segment);
    }
  }
  const scriptName = script.map((segment) => `/${segment}`).join("");
  environ.SCRIPT_NAME = name === "" ? `${scriptName}/` : scriptName;
  environ.PATH_INFO = rest.map((segment) => `/${segment}`).join("");
  return name === "." ? null : name;
}

const notFound: Application = (_environ, startResponse) => {
  startResponse("404 Not Found", [["Content-Type", "text/plain; charset=utf-8"]]);
  return text("Not Found\n");
};
