import type { Answer } from "./ways.ts";

/** Where a way may answer otherwise than Hono itself, and why. */
export interface Difference {
  /** Names of ways. */
  readonly ways: readonly string[];
  /** Names of requests; default: any. */
  readonly requests?: readonly string[];
  /** `-` what is missing, `+` what is there instead; matched as a whole. */
  readonly what: RegExp;
  readonly reason: string;
}

const FETCH = ["fetch, handed through", "fetch, changed"];
const LAMBDA = ["lambda v2", "lambda v1", "lambda alb"];

export const DIFFERENCES: readonly Difference[] = [
  {
    ways: [...FETCH, ...LAMBDA],
    requests: ["a stream of text", "server-sent events"],
    what: /^- transfer-encoding: chunked$/,
    reason: "Hono asks for chunks itself. The framing belongs to the server, which is none here.",
  },
  {
    ways: ["node"],
    what: /^\+ (content-length: \d+|transfer-encoding: chunked)$/,
    reason: "A server frames every body; Hono itself is measured in process, without one.",
  },
  {
    ways: LAMBDA,
    requests: ["a page too short to compress"],
    what: /^- content-length: 5$/,
    reason: "The gateway counts the body of a result itself.",
  },
  {
    ways: ["lambda v1"],
    what: /^[-+] (x-amzn-remapped-(content-length|www-authenticate)|www-authenticate): /,
    reason: "REST APIs rename these headers of a result.",
  },
  {
    ways: ["lambda v1"],
    what: /^\+ content-type: application\/json$/,
    reason: "REST APIs add it to a result that has no Content-Type.",
  },
  {
    ways: ["lambda v2"],
    requests: ["parameters in the path"],
    what: /^([-+] body |- status 200$|\+ status 404$)/,
    reason: "HTTP APIs decode the path: an escaped slash has become one.",
  },
  {
    ways: ["workerd, changed"],
    requests: ["repeated headers"],
    what: /^(- x-twice: (one|two)|\+ x-twice: one, two)$/,
    reason:
      "Headers give repeated fields as one, but for cookies; only a Response as it is has both.",
  },
  {
    ways: ["workerd, changed"],
    requests: ["a body sent back"],
    what: /^(- content-length: 3500|\+ transfer-encoding: chunked)$/,
    reason:
      "workerd knows the length of a stream of its own, and no length of one made of wsgi.input.",
  },
];

/** Every line of an answer that is not in the other one. */
export function differencesOf(wanted: Answer, found: Answer): string[] {
  const before = linesOf(wanted);
  const after = linesOf(found);
  return [
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
  ];
}

function linesOf({ status, headers, body }: Answer): string[] {
  return [`status ${status}`, ...headers, `body ${JSON.stringify(body.toString("latin1"))}`];
}
