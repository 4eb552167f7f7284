import { inspect } from "node:util";
import type { Environ } from "../core/mod.ts";

/**
 * An environ as lines. Strings are quoted, with their control characters escaped, so that nothing of
 * an event reaches the terminal as a command; objects are named only.
 */
export function printEnviron(title: string, environ: Environ): string {
  const lines = Object.entries(environ).map(
    ([key, value]) =>
      `  ${key} = ${inspect(value, { depth: depthOf(value), breakLength: Infinity })}`,
  );
  return section(title, lines);
}

/** A result of any source as status, headers and body; anything else as the JSON that Lambda makes. */
export function printResult(result: unknown): string {
  const response = toResponse(result);
  if (response === undefined) {
    return section("result", [JSON.stringify(result, undefined, 2) ?? "nothing"]);
  }
  const { status, headers, body, isBase64 } = response;
  const bytes = Buffer.from(body, isBase64 ? "base64" : "utf8");
  const shown = isBase64 ? "base64, as it is no text" : "text";
  return [
    section("status", [`  ${status}`]),
    section(
      "headers",
      headers.map(([name, value]) => `  ${name}: ${escapeControls(value)}`),
    ),
    bytes.length === 0
      ? section("no body", [])
      : section(`body (${bytes.length} bytes, ${shown})`, [body.replace(/\n$/, "")]),
  ].join("\n");
}

interface Response {
  readonly status: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  readonly isBase64: boolean;
}

function toResponse(result: unknown): Response | undefined {
  if (!isObject(result)) {
    return undefined;
  }
  const status = result.statusCode ?? result.status;
  if (typeof status !== "number" && typeof status !== "string") {
    return undefined;
  }
  const { statusDescription, cookies, body } = result;
  return {
    status: escapeControls(statusLine(String(status), statusDescription)),
    headers: [
      ...fields(result.headers),
      ...fields(result.multiValueHeaders),
      ...fields({ "set-cookie": cookies }),
    ],
    body: typeof body === "string" ? body : "",
    isBase64: result.isBase64Encoded === true || result.bodyEncoding === "base64",
  };
}

/** A load balancer's description begins with the status, that of Lambda@Edge does not. */
function statusLine(status: string, description: unknown): string {
  if (typeof description !== "string" || description === "") {
    return status;
  }
  return description.startsWith(`${status} `) ? description : `${status} ${description}`;
}

/** Of a map whose values are strings, lists of them, or Lambda@Edge's lists of objects. */
function fields(map: unknown): (readonly [string, string])[] {
  return Object.entries(isObject(map) ? map : {}).flatMap(([name, values]) =>
    [values]
      .flat()
      .filter((value) => value !== undefined && value !== null)
      .map((value) => [name, String(isObject(value) ? value.value : value)] as const),
  );
}

function section(title: string, lines: readonly string[]): string {
  return `${[title, ...lines].join("\n")}\n`;
}

/** Arrays and plain objects are opened; those of a platform, which may be large, are not. */
function depthOf(value: unknown): number {
  return Array.isArray(value) || Object.isFrozen(value) ? 0 : -1;
}

function escapeControls(text: string): string {
  return text.replace(/[\0-\x1f\x7f-\x9f]/g, (control) => inspect(control).slice(1, -1));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
