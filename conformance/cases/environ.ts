import { type Application, type Body, json, requestUri, trustedHops } from "../../core/mod.ts";
import { equal, matches } from "../check.ts";
import type { Case } from "../types.ts";
import { dump, environOf, jsonOf } from "./answers.ts";
import { fieldCases } from "./fields.ts";
import { targetCases } from "./target.ts";

export const environCases: readonly Case[] = [
  {
    id: "E01",
    name: "environ is an ordinary object with every required key",
    application: shape,
    async exchange(client) {
      const found = await jsonOf<Shape>(client, { path: "/" });
      equal(found.parameters, 2, "parameters of the application");
      for (const [key, type] of Object.entries(REQUIRED)) {
        equal(found.types[key], type, `the type of environ["${key}"]`);
      }
      const wrong = Object.entries(found.types).filter(
        ([key, type]) => !key.includes(".") && type !== "string",
      );
      equal(wrong, [], "CGI variables that are no strings");
      equal(found.wide, [], "CGI variables with a code point above U+00FF");
      equal(found.peculiar, [], "keys that cannot be read, set, listed and deleted");
      equal(found.extensible, true, "Object.isExtensible(environ)");
      equal(found.symbols, 0, "symbols among the keys");
      equal(found.version, [1, 0], 'environ["wsgi.version"]');
      equal(found.input, ["function", "function", "function", "function"], "methods of wsgi.input");
      equal(found.errors, ["function", "function", "function"], "methods of wsgi.errors");
    },
  },
  {
    id: "E02",
    name: "the CGI variables tell method, path, query and server",
    application: dump,
    async exchange(client) {
      const environ = await environOf(client, { path: "/foo/?dankogai=kogaidan" });
      const { mount = "", origin } = client.target;
      equal(environ.REQUEST_METHOD, "GET", "REQUEST_METHOD");
      equal(environ.SCRIPT_NAME, mount, "SCRIPT_NAME");
      equal(environ.PATH_INFO, "/foo/", "PATH_INFO");
      equal(environ.QUERY_STRING, "dankogai=kogaidan", "QUERY_STRING");
      matches(environ.SERVER_NAME, /^(?:[\w.~-]+|\[[\da-f:.]+\])$/i, "SERVER_NAME");
      const { port, protocol } = new URL(origin);
      equal(environ.SERVER_PORT, port || (protocol === "https:" ? "443" : "80"), "SERVER_PORT");
    },
  },
  ...targetCases,
  ...fieldCases,
  {
    id: "E25",
    name: "the mount point is SCRIPT_NAME, cut off at a segment boundary",
    application: dump,
    async exchange(client) {
      const { mount = "" } = client.target;
      const places = mount === "" ? ["/mnt", "/mnt/", "/mnt/x", "/mntx"] : ["", "/", "/x"];
      for (const path of places) {
        const { SCRIPT_NAME, PATH_INFO } = await environOf(client, { path });
        equal(
          { SCRIPT_NAME, PATH_INFO },
          { SCRIPT_NAME: mount, PATH_INFO: path },
          `environ of ${mount}${path}`,
        );
      }
      if (mount !== "") {
        const { status } = await client.sendRefused({ path: "x" });
        equal(status, 404, `the status of ${mount}x, which is not below ${mount}`);
      }
    },
  },
  {
    id: "E26",
    name: "the scheme is the connection's, unless a trusted proxy tells another",
    application: (environ, startResponse) =>
      (environ.PATH_INFO === "/trusting" ? trusting : located)(environ, startResponse),
    async exchange(client) {
      const { origin, mount = "" } = client.target;
      const own = new URL(origin).protocol.slice(0, -1);
      const other = own === "https" ? "http" : "https";
      const path = "/located?x=1";
      const wanted = {
        scheme: own,
        https: own === "https" ? "on" : undefined,
        uri: `${origin}${mount}${path}`,
      };
      equal(await jsonOf(client, { path }), wanted, "scheme, HTTPS and URL");
      equal(
        await jsonOf(client, { path, headers: [["X-Forwarded-Proto", other]] }),
        wanted,
        `scheme, HTTPS and URL with X-Forwarded-Proto: ${other}, which anybody may send`,
      );
      equal(
        await jsonOf(client, { path: "/trusting", headers: [["X-Forwarded-Proto", "https"]] }),
        client.lacks("forwarded")
          ? { ...wanted, uri: `${origin}${mount}/trusting` }
          : {
              scheme: "https",
              https: "on",
              uri: `${origin.replace(/^http:/, "https:")}${mount}/trusting`,
            },
        "scheme, HTTPS and URL behind one trusted proxy",
      );
    },
  },
  {
    id: "E27",
    name: "environ is the request's own, whatever the application does to it",
    application: ravage,
    async exchange(client) {
      equal(
        await jsonOf(client, { path: "/first" }),
        { used: [], planted: false },
        "first request",
      );
      const second = await jsonOf(client, { path: "/second" });
      equal(second, { used: [], planted: false }, "what the second request has of the first");
    },
  },
];

const REQUIRED = {
  REQUEST_METHOD: "string",
  SCRIPT_NAME: "string",
  PATH_INFO: "string",
  QUERY_STRING: "string",
  SERVER_NAME: "string",
  SERVER_PORT: "string",
  SERVER_PROTOCOL: "string",
  "wsgi.version": "object",
  "wsgi.url_scheme": "string",
  "wsgi.input": "object",
  "wsgi.input_terminated": "boolean",
  "wsgi.errors": "object",
  "wsgi.multithread": "boolean",
  "wsgi.multiprocess": "boolean",
  "wsgi.run_once": "boolean",
};

interface Shape {
  readonly parameters: number;
  readonly types: Readonly<Record<string, string>>;
  readonly wide: readonly string[];
  readonly peculiar: readonly string[];
  readonly extensible: boolean;
  readonly symbols: number;
  readonly version: unknown;
  readonly input: readonly string[];
  readonly errors: readonly string[];
}

/** Answers with what its environ is, rather than what it holds. */
function shape(...parameters: Parameters<Application>): Body {
  const [environ, startResponse] = parameters;
  const entries = Object.entries(environ);
  const input = environ["wsgi.input"];
  const errors = environ["wsgi.errors"];
  const found: Shape = {
    parameters: parameters.length,
    types: Object.fromEntries(entries.map(([key, value]) => [key, typeof value])),
    wide: entries.flatMap(([key, value]) =>
      typeof value === "string" && /[^\0-\xff]/.test(value) ? [key] : [],
    ),
    peculiar: Object.entries(Object.getOwnPropertyDescriptors(environ)).flatMap(([key, own]) =>
      own.writable && own.enumerable && own.configurable ? [] : [key],
    ),
    extensible: Object.isExtensible(environ),
    symbols: Object.getOwnPropertySymbols(environ).length,
    version: environ["wsgi.version"],
    input: [input.read, input.readline, input.readlines, input[Symbol.asyncIterator]].map(
      (method) => typeof method,
    ),
    errors: [errors.write, errors.writelines, errors.flush].map((method) => typeof method),
  };
  startResponse("200 OK", [["Content-Type", "application/json"]]);
  return json(found);
}

const located: Application = (environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "application/json"]]);
  return json({
    scheme: environ["wsgi.url_scheme"],
    https: environ.HTTPS,
    uri: requestUri(environ),
  });
};

const trusting = trustedHops(1)(located);

const used = new WeakSet<object>();

/** Tells what its environ shares with that of an earlier request, and leaves nothing of it. */
function ravage(...[environ, startResponse]: Parameters<Application>): Body {
  const own = { environ, input: environ["wsgi.input"], errors: environ["wsgi.errors"] };
  const found = {
    used: Object.entries(own).flatMap(([name, value]) => (used.has(value) ? [name] : [])),
    planted: "conformance.planted" in environ,
  };
  for (const value of Object.values(own)) {
    used.add(value);
  }
  for (const key of Object.keys(environ)) {
    delete environ[key];
  }
  // A gateway that reads it back leaves the body out.
  environ.REQUEST_METHOD = "HEAD";
  environ["conformance.planted"] = true;
  startResponse("200 OK", [["Content-Type", "application/json"]]);
  return json(found);
}
