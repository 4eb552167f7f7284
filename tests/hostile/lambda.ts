import type { ErrorStream } from "dram";
import { toLambda } from "dram/lambda";
import {
  albMulti,
  albSingle,
  context,
  edge,
  type Json,
  lattice2,
  url,
  v1,
  v2,
} from "../lambda/helpers.ts";
import type { Answer } from "./answer.ts";
import { application } from "./application.ts";
import type { Header } from "./corpus.ts";
import type { HostileTarget, Running } from "./targets.ts";

/** How a source tells a request. */
type ToEvent = (method: string, path: string, headers: readonly Header[]) => Json;

/** toLambda in this process, behind each source. */
export const lambdaTargets: readonly HostileTarget[] = [
  target("lambda v1", ["lambda-v1"], (method, path, headers) => {
    const multiValueHeaders = lists(headers);
    return v1(
      { httpMethod: method, path, multiValueHeaders },
      { path: `/prod${path}`, httpMethod: method },
    );
  }),
  target("lambda v2", ["lambda-v2", "lambda-any"], (method, rawPath, headers) =>
    v2({ rawPath, headers: strings(headers) }, { method }),
  ),
  target("lambda url", [], (method, rawPath, headers) => {
    const event = url({ rawPath, headers: strings(headers) });
    const { http } = event.requestContext as { http: Json };
    http.method = method;
    return event;
  }),
  target("lambda alb", ["lambda-alb"], (httpMethod, path, headers) =>
    albMulti({ httpMethod, path, multiValueHeaders: lists(headers) }),
  ),
  target("lambda alb single", [], (httpMethod, path, headers) =>
    albSingle({ httpMethod, path, headers: strings(headers) }),
  ),
  target("lambda lattice", [], (method, path, headers) =>
    lattice2({ method, path, headers: lists(headers) }),
  ),
  target("lambda edge", [], (method, uri, headers) => {
    const fields = headers.map(([key, value]) => [key.toLowerCase(), [{ key, value }]]);
    return edge({ method, uri, headers: Object.fromEntries(fields) });
  }),
];

function target(name: string, platforms: readonly string[], toEvent: ToEvent): HostileTarget {
  return {
    name,
    platforms: ["any", ...platforms],
    async boot() {
      const log: string[] = [];
      const errors: ErrorStream = {
        write: (line) => log.push(line.replace(/\n$/, "")),
        writelines() {},
        flush() {},
      };
      const handler = toLambda(application, { errors });
      const invoke: Running["invoke"] = async (event) => {
        try {
          return toAnswer((await handler(event, context())) as Json);
        } catch (error) {
          return { ...NOTHING, rejection: String(error) };
        }
      };
      return {
        log,
        invoke,
        send: ({ method = "GET", path, headers = [] }) =>
          invoke(toEvent(method, path, [["Host", "localhost"], ...headers])),
        async close() {},
      };
    },
  };
}

const NOTHING: Answer = { status: 0, headers: [], body: Buffer.alloc(0), complete: false };

function toAnswer(result: Json): Answer {
  const body = typeof result.body === "string" ? result.body : "";
  const isBase64 = result.isBase64Encoded === true || result.bodyEncoding === "base64";
  const cookies = { "set-cookie": result.cookies ?? [] };
  return {
    status: Number(result.statusCode ?? result.status),
    headers: [result.headers, result.multiValueHeaders, cookies].flatMap(fieldsOf),
    body: Buffer.from(body, isBase64 ? "base64" : "utf8"),
    complete: true,
    buffered: true,
  };
}

/** The fields of any map of headers: strings, lists of strings, lists of `{ key, value }`. */
function fieldsOf(map: unknown): Header[] {
  return Object.entries((map ?? {}) as Json).flatMap(([name, values]) =>
    [values].flat().map((value): Header => {
      const text: unknown =
        typeof value === "object" && value !== null && "value" in value ? value.value : value;
      return [name, String(text)];
    }),
  );
}

function strings(headers: readonly Header[]): Json {
  return Object.fromEntries(headers);
}

function lists(headers: readonly Header[]): Json {
  return Object.fromEntries(headers.map(([name, value]) => [name, [value]]));
}
