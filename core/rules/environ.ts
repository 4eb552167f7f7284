import { parseLength, TOKEN } from "../headers.ts";
import { isHost, splitHost } from "../target.ts";
import { type RuleTable, shown, typed } from "./rule.ts";
import { requiredKeys, variables } from "./variables.ts";

const ENVIRON = "PEP 3333, environ Variables";
const DETAILS = "PEP 3333, Specification Details";

/** The call and the environ: what a gateway owes, and every middleware that changes environ. */
export const environRules: Pick<RuleTable, "application" | "call" | "environ"> = {
  application: [
    {
      id: "L01",
      level: "error",
      by: "application",
      text: "An application is something to call, a function of any kind.",
      fix: "pass a function (environ, startResponse)",
      source: "PEP 3333, Specification Overview",
      check: ({ application }) =>
        typeof application === "function" ? undefined : `the application is ${typed(application)}`,
    },
  ],
  call: [
    {
      id: "L02",
      level: "error",
      by: "gateway",
      text: "An application is called with exactly two positional arguments, environ and a function.",
      fix: "call application(environ, startResponse)",
      source: DETAILS,
      check({ parameters }) {
        if (parameters.length !== 2) {
          return `the application was called with ${parameters.length} arguments`;
        }
        const [, startResponse] = parameters;
        return typeof startResponse === "function"
          ? undefined
          : `startResponse is ${typed(startResponse)}`;
      },
    },
    {
      id: "L03",
      level: "error",
      by: "gateway",
      text: "The first argument is the environ.",
      fix: "pass the environ of the request",
      source: DETAILS,
      check: ({ parameters: [environ] }) =>
        typeof environ === "object" && environ !== null
          ? undefined
          : `environ is ${typed(environ)}`,
    },
  ],
  environ: [
    {
      id: "L04",
      level: "error",
      by: "gateway",
      text: "environ is an ordinary object of data properties, not an instance of a class nor an emulation.",
      fix: "make it with { ... } or Object.create(null), and assign values, not getters",
      source: DETAILS,
      check(environ) {
        if (!isPlain(environ)) {
          return `environ is ${typed(environ)} with a prototype of its own`;
        }
        const key = keyOf(environ, (property) => property.get !== undefined);
        return key === undefined ? undefined : `environ[${shown(key)}] is a getter`;
      },
    },
    {
      id: "L05",
      level: "error",
      by: "gateway",
      text: "environ may be changed by the application in any way.",
      fix: "make a new object for each request, and freeze nothing of it",
      source: DETAILS,
      check(environ) {
        if (!Object.isExtensible(environ)) {
          return "environ is frozen, sealed or not extensible";
        }
        const key = keyOf(
          environ,
          (property) => property.writable === false || property.configurable === false,
        );
        return key === undefined ? undefined : `environ[${shown(key)}] cannot be changed`;
      },
    },
    {
      id: "L06",
      level: "error",
      by: "gateway",
      text: "Every key of environ is a string.",
      fix: "use a string with a dot in it, such as name.key",
      source: DETAILS,
      check(environ) {
        const [symbol] = Object.getOwnPropertySymbols(environ);
        return symbol === undefined ? undefined : `environ has the key ${String(symbol)}`;
      },
    },
    {
      id: "L07",
      level: "error",
      by: "gateway",
      text: "environ has every key that is always present (see the table of environ).",
      fix: "set it",
      source: ENVIRON,
      check(environ) {
        const missing = requiredKeys.filter(
          (key) => !(key in environ) && key !== "wsgi.url_scheme" && key !== "QUERY_STRING",
        );
        return missing.length === 0 ? undefined : `environ has no ${missing.join(", ")}`;
      },
    },
    {
      id: "L08",
      level: "error",
      by: "gateway",
      text: "wsgi.url_scheme is present.",
      fix: 'set it to "http" or "https"',
      source: ENVIRON,
      check: (environ) =>
        "wsgi.url_scheme" in environ ? undefined : "environ has no wsgi.url_scheme",
    },
    {
      id: "L09",
      level: "error",
      by: "gateway",
      text: "The Content-Type and the Content-Length of a request have no HTTP_ in their keys.",
      fix: "use CONTENT_TYPE and CONTENT_LENGTH",
      source: "RFC 3875 §4.1.18",
      check(environ) {
        const key = ["HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"].find((name) => name in environ);
        return key === undefined ? undefined : `environ has ${key}`;
      },
    },
    {
      id: "L10",
      level: "error",
      by: "gateway",
      text: "QUERY_STRING is present, even if it is empty.",
      fix: 'set it, to "" if the target has no query',
      source: "RFC 3875 §4.1.7",
      check: (environ) => ("QUERY_STRING" in environ ? undefined : "environ has no QUERY_STRING"),
    },
    {
      id: "L11",
      level: "error",
      by: "gateway",
      text: "The value of every key without a dot is a string.",
      fix: "give a string, or leave the key out if there is no value",
      source: ENVIRON,
      check(environ) {
        const key = cgiKeys(environ).find((name) => typeof environ[name] !== "string");
        return key === undefined ? undefined : `environ.${key} is ${shown(environ[key])}`;
      },
    },
    {
      id: "L12",
      level: "error",
      by: "gateway",
      text: "These strings are native: each character from U+0000 to U+00FF stands for one byte.",
      fix: "encode the text as UTF-8, and give each byte as one character",
      source: "PEP 3333, Unicode Issues",
      check(environ) {
        const key = cgiKeys(environ).find((name) => /[^\0-\xff]/.test(textAt(environ, name) ?? ""));
        return key === undefined
          ? undefined
          : `environ.${key} holds a character above U+00FF: ${shown(environ[key])}`;
      },
    },
    {
      id: "L13",
      level: "error",
      by: "gateway",
      text: "wsgi.version is the pair [1, 0].",
      fix: "set it to [1, 0]",
      source: ENVIRON,
      check(environ) {
        const version = environ["wsgi.version"];
        const right = Array.isArray(version) && version.join() === "1,0" && version.length === 2;
        return right || version === undefined ? undefined : `wsgi.version is ${typed(version)}`;
      },
    },
    {
      id: "L14",
      level: "error",
      by: "gateway",
      text: "wsgi.url_scheme is http or https.",
      fix: 'set it to "http" or "https"',
      source: "PEP 3333, URL Reconstruction",
      check: (environ) => keeps(environ, "wsgi.url_scheme", (scheme) => /^https?$/.test(scheme)),
    },
    {
      id: "L15",
      level: "error",
      by: "gateway",
      text: "REQUEST_METHOD is a token.",
      fix: "give the method of the request as it was sent",
      source: "RFC 9110 §9.1",
      check: (environ) => keeps(environ, "REQUEST_METHOD", (method) => TOKEN.test(method)),
    },
    {
      id: "L16",
      level: "error",
      by: "gateway",
      text: "SCRIPT_NAME is empty or begins with a slash.",
      fix: 'give "" or "/path"',
      source: ENVIRON,
      check: (environ) => keeps(environ, "SCRIPT_NAME", (path) => /^(\/|$)/.test(path)),
    },
    {
      id: "L17",
      level: "error",
      by: "gateway",
      text: "SCRIPT_NAME of an application at the root is empty, not a slash.",
      fix: 'give SCRIPT_NAME as "" and let PATH_INFO begin with the slash',
      source: ENVIRON,
      check: (environ) => keeps(environ, "SCRIPT_NAME", (path) => path !== "/"),
    },
    {
      id: "L18",
      level: "warning",
      by: "gateway",
      text: "SCRIPT_NAME does not end with a slash: PATH_INFO begins with it.",
      fix: "move the slash to PATH_INFO",
      source: "RFC 3875 §4.1.13",
      check: (environ) => keeps(environ, "SCRIPT_NAME", (path) => !/.\/$/.test(path)),
    },
    {
      id: "L19",
      level: "error",
      by: "gateway",
      text: "PATH_INFO is empty or begins with a slash; it is an asterisk only for OPTIONS *.",
      fix: "begin it with the slash that follows SCRIPT_NAME",
      source: ENVIRON,
      check: (environ) =>
        keeps(
          environ,
          "PATH_INFO",
          (path) => /^(\/|$)/.test(path) || (path === "*" && environ.REQUEST_METHOD === "OPTIONS"),
        ),
    },
    {
      id: "L20",
      level: "error",
      by: "gateway",
      text: "One of SCRIPT_NAME and PATH_INFO is not empty.",
      fix: 'give PATH_INFO as "/"',
      source: ENVIRON,
      check: ({ SCRIPT_NAME, PATH_INFO }) =>
        SCRIPT_NAME === "" && PATH_INFO === ""
          ? "both SCRIPT_NAME and PATH_INFO are empty"
          : undefined,
    },
    {
      id: "L21",
      level: "error",
      by: "gateway",
      text: "REQUEST_URI is a path with perhaps a query; only OPTIONS may ask for an asterisk, only CONNECT for an authority.",
      fix: "give the target without scheme, host and fragment",
      source: "RFC 9112 §3.2",
      check: (environ) =>
        keeps(environ, "REQUEST_URI", (target) => isTarget(target, environ.REQUEST_METHOD)),
    },
    {
      id: "L22",
      level: "error",
      by: "gateway",
      text: "SERVER_NAME is a host name or address, without a port.",
      fix: "give the host alone, an IPv6 address in brackets",
      source: "RFC 3875 §4.1.14",
      check: (environ) =>
        keeps(environ, "SERVER_NAME", (name) => isHost(name) && splitHost(name).name === name),
    },
    {
      id: "L23",
      level: "error",
      by: "gateway",
      text: "SERVER_PORT is a number in digits.",
      fix: 'give the port, "80" or "443" where the platform does not tell it',
      source: "RFC 3875 §4.1.15",
      check: (environ) => keeps(environ, "SERVER_PORT", (port) => /^[0-9]+$/.test(port)),
    },
    {
      id: "L24",
      level: "error",
      by: "gateway",
      text: "SERVER_PROTOCOL is HTTP/ and a version, such as HTTP/1.1 or HTTP/2.",
      fix: 'give "HTTP/1.1" if the platform does not tell it',
      source: "RFC 3875 §4.1.16",
      check: (environ) =>
        keeps(environ, "SERVER_PROTOCOL", (protocol) => /^HTTP\/[0-9](\.[0-9])?$/.test(protocol)),
    },
    {
      id: "L25",
      level: "error",
      by: "gateway",
      text: "CONTENT_LENGTH is a number of bytes in digits, and absent if it is not known.",
      fix: "refuse a request whose Content-Length is anything else, and leave out an empty one",
      source: "RFC 9110 §8.6",
      check: (environ) =>
        keeps(environ, "CONTENT_LENGTH", (length) => parseLength(length) !== undefined),
    },
    {
      id: "L26",
      level: "warning",
      by: "gateway",
      text: "HTTP_HOST is a host with perhaps a port.",
      fix: "refuse the request: URLs are made of it",
      source: "RFC 9112 §3.2",
      check: (environ) => keeps(environ, "HTTP_HOST", isHost),
    },
    {
      id: "L27",
      level: "warning",
      by: "gateway",
      text: "HTTPS is on if, and only if, wsgi.url_scheme is https.",
      fix: 'set HTTPS to "on" for https, and leave it out for http',
      source: ENVIRON,
      check({ HTTPS, "wsgi.url_scheme": scheme }) {
        const wanted = scheme === "https" ? "on" : undefined;
        return HTTPS === wanted || (scheme === "https" && HTTPS === "1")
          ? undefined
          : `HTTPS is ${shown(HTTPS)} and wsgi.url_scheme ${shown(scheme)}`;
      },
    },
    {
      id: "L28",
      level: "warning",
      by: "gateway",
      text: "wsgi.multithread, wsgi.multiprocess and wsgi.run_once are booleans.",
      fix: "give true or false",
      source: ENVIRON,
      check: (environ) =>
        mistyped(environ, (type, value) => type === "boolean" && typeof value !== "boolean"),
    },
    {
      id: "L29",
      level: "error",
      by: "gateway",
      text: "Extension keys that are present are what their names promise.",
      fix: "leave the key out where the platform cannot do it",
      source: "PEP 3333, Server Extension APIs; dram",
      check(environ) {
        const { "dram.signal": signal, "dram.capabilities": capabilities } = environ;
        if (signal !== undefined && !isSignal(signal)) {
          return `dram.signal is ${typed(signal)}`;
        }
        if (capabilities !== undefined && !Object.isFrozen(capabilities)) {
          return "dram.capabilities is not frozen";
        }
        return mistyped(
          environ,
          (type, value, key) =>
            (type === "function" && typeof value !== "function") ||
            (type === "true" && value !== true) ||
            (key === "dram.request_id" && typeof value !== "string"),
        );
      },
    },
    {
      id: "L30",
      level: "warning",
      by: "gateway",
      text: "Keys with a dot, which servers define, are of lower-case letters, digits, dots and underscores.",
      fix: "rename the key",
      source: ENVIRON,
      check(environ) {
        const key = Object.keys(environ).find(
          (name) => name.includes(".") && !/^[a-z0-9_.]+$/.test(name),
        );
        return key === undefined ? undefined : `environ has the key ${shown(key)}`;
      },
    },
  ],
};

type EnvironSubject = Readonly<Record<string, unknown>>;

/** Inherits nothing but what every object has: no class, no Map, no array. */
function isPlain(environ: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(environ);
  return (
    Object.prototype.toString.call(environ) === "[object Object]" &&
    (prototype === null ||
      (typeof prototype === "object" &&
        Object.getPrototypeOf(prototype) === null &&
        // Another realm's Object.prototype, or an empty one.
        (Object.hasOwn(prototype, "isPrototypeOf") || Reflect.ownKeys(prototype).length === 0)))
  );
}

function keyOf(
  environ: object,
  isWrong: (property: PropertyDescriptor) => boolean,
): string | undefined {
  return Object.entries(Object.getOwnPropertyDescriptors(environ)).find(([, property]) =>
    isWrong(property),
  )?.[0];
}

function cgiKeys(environ: object): string[] {
  return Object.keys(environ).filter((key) => !key.includes("."));
}

/** What is no string is another rule's affair. */
function textAt(environ: EnvironSubject, key: string): string | undefined {
  const value = environ[key];
  return typeof value === "string" ? value : undefined;
}

function keeps(
  environ: EnvironSubject,
  key: string,
  isRight: (value: string) => boolean,
): string | undefined {
  const value = textAt(environ, key);
  if (value === undefined) {
    // CGI names that are no strings are L11's.
    const found = environ[key];
    return found === undefined || !key.includes(".") ? undefined : `${key} is ${shown(found)}`;
  }
  return isRight(value) ? undefined : `${key} is ${shown(value)}`;
}

function mistyped(
  environ: EnvironSubject,
  isWrong: (type: string, value: unknown, key: string) => boolean,
): string | undefined {
  const variable = variables.find(
    ({ key, type }) => environ[key] !== undefined && isWrong(type, environ[key], key),
  );
  return variable === undefined
    ? undefined
    : `${variable.key} is ${shown(environ[variable.key])}, wanted ${variable.type}`;
}

function isTarget(target: string, method: unknown): boolean {
  if (target === "*") {
    return method === "OPTIONS";
  }
  return method === "CONNECT" ? isHost(target) : target.startsWith("/") && !target.includes("#");
}

function isSignal(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    "aborted" in value &&
    "addEventListener" in value &&
    typeof value.addEventListener === "function"
  );
}
