// Writes SPEC.md from the rules, the table of environ and the table of startResponse, so that what
// is read, what lint checks and what the gateway does are one thing.

import { writeFileSync } from "node:fs";
import { leftOut, mayHaveBody, type RuleText, rules, START_RESPONSE, variables } from "dram/lint";

/** The text of SPEC.md. */
export function specification(): string {
  return `${[
    INTRODUCTION,
    INTERFACE,
    environTable(),
    BODIES,
    stateTable(),
    bodyTable(),
    ...ruleSections(),
    leftOutTable(),
  ].join("\n\n")}\n`;
}

const INTRODUCTION = `# The contract of dram

<!-- Written by \`npm run spec\` from core/rules. Do not edit. -->

WSGI (PEP 3333) is the interface between Python's web servers and web applications: the server calls
the application once for each request, with a dictionary that describes the request and a function
that takes the status and the headers of the response; what the application returns is the body. dram
is the same interface in TypeScript, with promises where something may have to wait.

Three sides keep the contract. The **application** answers requests. The **gateway** stands between
the application and a platform: it makes the environ, calls the application, and sends what comes
back. A **middleware** is an application to the gateway above it and a gateway to the application
below it, and keeps the rules of both.

Everything here can be checked: \`lint(application)\` of \`dram/lint\` throws where a rule of level
*error* is broken and tells where one of level *warning* is. \`docs/lint.md\` says how to use it. The
ids are stable; a \`b\` behind one is a second rule of the same check.`;

const INTERFACE = `## The interface

\`\`\`ts
type Application = (environ: Environ, startResponse: StartResponse) => Body | Promise<Body>;
type StartResponse = (status: string, headers: HeaderList, error?: unknown) => Write;
type HeaderList = [name: string, value: string][];
type Write = (chunk: Uint8Array) => Promise<void>;
type Body = (Iterable<Uint8Array> | AsyncIterable<Uint8Array>) & {
  close?(): void | Promise<void>;
};
type Middleware = (application: Application) => Application;

interface InputStream {
  read(size?: number | null): Promise<Uint8Array>;
  read1?(size?: number | null): Promise<Uint8Array>;
  readline(size?: number | null): Promise<Uint8Array>;
  readlines(hint?: number | null): Promise<Uint8Array[]>;
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array>;
}
interface ErrorStream {
  write(text: string): void;
  writelines(texts: Iterable<string>): void;
  flush(): void | Promise<void>;
}
\`\`\`

A whole application:

\`\`\`ts
function application(environ, startResponse) {
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return [new TextEncoder().encode(\`You asked for \${environ.PATH_INFO}\\n\`)];
}
\`\`\`

**Native strings.** HTTP carries bytes, and does not say which characters they mean. Strings that come
from the wire, or go onto it, therefore have one character, U+0000 to U+00FF, for each byte; whoever
knows the encoding decodes them.`;

const BODIES = `## The body

A body is anything to iterate that gives bytes, synchronously or not. The gateway sends each chunk
before it asks for the next one, and changes none; an empty chunk says nothing yet.
When the response is done, whatever has become of it, the gateway calls \`close()\` of the object that
was returned, if it has one, exactly once.

An array of chunks is a complete body: its length is known, and becomes the Content-Length if the
application gives none. \`text(string)\` and \`json(value)\` make complete bodies as well.`;

function environTable(): string {
  return `## environ

The request, as an ordinary object that the application may change in any way. Keys without a dot are
variables of CGI and always native strings; a variable that would have no value is absent, never
\`undefined\` or \`null\`. Keys with a dot are defined by the interface (\`wsgi.\`) or by a server.

${table(
  ["key", "presence", "type", "what it is", "source"],
  variables.map(({ key, presence, type, text, source }) => [
    code(key),
    presence,
    code(type),
    text,
    source,
  ]),
)}`;
}

function stateTable(): string {
  const states = Object.entries(START_RESPONSE);
  const arrows = states.flatMap(([state, { plain, withError }]) => [
    ...(plain === "set" ? [`    ${state} --> started: startResponse(status, headers)`] : []),
    ...(withError === "set"
      ? [`    ${state} --> started: startResponse(status, headers, error)`]
      : []),
  ]);
  return `## startResponse

The application calls \`startResponse(status, headers)\` once, before it gives bytes: at once, later, or
in the first step of its body. Nothing is sent by that. Status and headers are **committed** by the
first chunk with bytes in it, the first call of \`write\`, or the end of the body. Until then an
application that has failed can replace them: it passes the error as the third argument. Afterwards the
same error is thrown back at it, for it is too late.

${table(
  ["state", "startResponse(status, headers)", "startResponse(status, headers, error)"],
  states.map(([state, { plain, withError }]) => [
    `**${state}**: ${STATES[state] ?? ""}`,
    ACTIONS[plain],
    ACTIONS[withError],
  ]),
)}

\`\`\`mermaid
stateDiagram-v2
    [*] --> idle
${arrows.join("\n")}
    started --> committed: first chunk with bytes, or write()
    started --> closed: the body ends
    committed --> closed: the body ends, breaks, or the client leaves
    idle --> closed: the application fails
    closed --> [*]
\`\`\`

A call that fails, because status or headers are malformed, counts as one: the next needs an error.

\`write(chunk)\`, which startResponse returns, is there for applications that cannot return their
output. It may be called until the application returns, commits at the first call, and is to be
awaited: the promise settles when the platform has taken the chunk.`;
}

const STATES: Readonly<Record<string, string>> = {
  idle: "not called yet",
  started: "status and headers are set, not sent",
  committed: "status and headers have left",
  closed: "the response is complete, or never will be",
};

const ACTIONS = {
  set: "sets status and headers",
  refuse: "throws: a mistake of the application",
  rethrow: "throws the error it was given",
} as const;

function bodyTable(): string {
  const row = (method: string, status: string, isHead: boolean, length: string): string[] => [
    method,
    status,
    mayHaveBody(Number(status) || 200, isHead) ? "sent" : "none is sent",
    length,
  ];
  return `## Responses without a body

What the gateway makes of a body where HTTP has no place for one. It is closed all the same.

${table(
  ["request", "status", "body", "Content-Length"],
  [
    row("HEAD", "any", true, "the application's; else the length of an array that is not empty"),
    row("any other", "204", false, "none"),
    row("any other", "205", false, "none"),
    row("any other", "304", false, "the application's, where the platform can send it"),
    row("any other", "all others", false, "the application's; else the length if it is known"),
  ],
)}

1xx is no final status and is refused. The gateway sends no more bytes than Content-Length announces;
if the body has fewer, the connection is broken, so that nobody takes it for the whole.`;
}

function ruleSections(): string[] {
  return SECTIONS.map(({ title, text, has }) => {
    const rows = rules.filter(({ id }) => has(id));
    return `## ${title}\n\n${text}\n\n${table(["id", "level", "kept by", "rule", "source"], rows.map(ruleRow))}`;
  });
}

const SECTIONS: readonly { title: string; text: string; has: (id: string) => boolean }[] = [
  {
    title: "Rules: call and environ",
    text: "What an application can rely on when it is called.",
    has: (id) => within(id, 1, 30),
  },
  {
    title: "Rules: streams",
    text: '`environ["wsgi.input"]` is the request body, `environ["wsgi.errors"]` the log.',
    has: (id) => within(id, 31, 40),
  },
  {
    title: "Rules: startResponse, status, headers",
    text: "All of it is checked when startResponse is called, where the mistake is.",
    has: (id) => id === "S7" || within(id, 41, 69),
  },
  {
    title: "Rules: body and write",
    text: "What an application gives, and what is done with it.",
    has: (id) => within(id, 70, 91),
  },
  {
    title: "Rules: what only stress shows",
    text: "Checked by `lint(application, { stress: true })`, which answers each request several times over.",
    has: (id) => id !== "S7" && !id.startsWith("L"),
  },
];

function within(id: string, first: number, last: number): boolean {
  const number = id.startsWith("L") ? Number.parseInt(id.slice(1), 10) : 0;
  return number >= first && number <= last;
}

function ruleRow({ id, level, by, text, source }: RuleText): string[] {
  return [id, level, by, text, source];
}

function leftOutTable(): string {
  return `## Left out

Checks that other validators of this kind of interface have, and that have no place here.

${table(["id", "why"], Object.entries(leftOut))}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}

if (import.meta.main) {
  writeFileSync(new URL("../SPEC.md", import.meta.url), specification());
}
