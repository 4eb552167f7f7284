import { checkEnviron } from "../core/lint.ts";
import { type Application, type Body, type Environ, json, text } from "../core/mod.ts";
import { cases } from "./cases/mod.ts";
import { entryOf, record, runOf } from "./ledger.ts";

/**
 * The application that a target must run: it calls the application of the case that the request
 * names in `X-Dram-Case`, and keeps account of what the gateway does with it.
 */
export function application(...parameters: Parameters<Application>): ReturnType<Application> {
  const [environ, startResponse] = parameters;
  const id = environ.HTTP_X_DRAM_CASE ?? "";
  if (id === "identity") {
    startResponse("200 OK", [["Content-Type", "application/json"]]);
    return json(identityOf(environ));
  }
  const run = runOf(environ);
  if (id === "ledger") {
    startResponse("200 OK", [["Content-Type", "application/json"]]);
    return json(entryOf(run));
  }
  const found = applications.get(id);
  if (found === undefined) {
    startResponse("404 Not Found", [["Content-Type", "text/plain; charset=utf-8"]]);
    return text(`no case ${JSON.stringify(id)}\n`);
  }
  record(run, "call");
  for (const fault of faultsOf(environ)) {
    record(run, "faults", fault);
  }
  const returned = found(...parameters);
  return returned instanceof Promise
    ? returned.then((body) => counted(body, run))
    : counted(returned, run);
}

/** What a target says of itself, to the first case of every run. */
export interface Identity {
  readonly userAgent: string;
  readonly software: string;
  readonly protocol: string;
  readonly scheme: string;
  readonly scriptName: string;
  readonly capabilities: Readonly<Record<string, unknown>>;
}

const applications = new Map(cases.map(({ id, application }) => [id, application]));

function identityOf(environ: Environ): Identity {
  return {
    userAgent: navigator.userAgent,
    software: environ.SERVER_SOFTWARE,
    protocol: environ.SERVER_PROTOCOL,
    scheme: environ["wsgi.url_scheme"],
    scriptName: environ.SCRIPT_NAME,
    capabilities: { ...environ["dram.capabilities"] },
  };
}

/** A warning may be the client's doing; an error is not. */
export function faultsOf(environ: Environ): string[] {
  return checkEnviron(environ)
    .filter(({ level }) => level === "error")
    .map(({ message }) => message);
}

/**
 * The same body, its calls of `close()` counted; a generator is given one. All else is left as it
 * is: there is nothing to be closed, and a gateway may treat an array in a way of its own.
 */
function counted(body: Body, run: string): Body {
  if (!isClosable(body)) {
    return body;
  }
  const id = crypto.randomUUID();
  record(run, "open", id);
  const close = body.close;
  body.close = () => {
    record(run, "close", id);
    return close?.call(body);
  };
  return body;
}

/** A case may return what is no body at all. */
function isClosable(body: unknown): body is Body {
  return (
    typeof body === "object" &&
    body !== null &&
    (Symbol.asyncIterator in body || (Symbol.iterator in body && "next" in body) || "close" in body)
  );
}
