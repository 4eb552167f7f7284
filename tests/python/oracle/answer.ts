import { bytesOf, type Target, type TestRequest } from "../../targets/target.ts";

/** Where one server may answer otherwise than gunicorn, and why. */
export interface Difference {
  /** Names of targets; default: any. */
  readonly targets?: readonly string[];
  /** Names of requests; default: any. */
  readonly requests?: readonly string[];
  /** `-` what is missing, `+` what is there instead; matched as a whole. */
  readonly what: RegExp;
  readonly reason: string;
}

/** What a server adds to every answer, or needs to send it. */
const OF_THE_SERVER = ["connection", "date", "keep-alive", "server", "transfer-encoding"];

/** What a client has got, but for what is random. */
export interface Answer {
  readonly status: number;
  readonly reason: string;
  /** In order of their names. */
  readonly headers: readonly string[];
  /** Bytes as U+0000 to U+00FF. */
  readonly body: string;
}

export async function ask(target: Target, request: TestRequest): Promise<Answer> {
  const answer = await target.send({
    ...request,
    headers: [["Host", "httpbin.example"], ...(request.headers ?? [])],
  });
  const body = await bytesOf(answer);
  const headers = answer.headers
    .filter(([name]) => !OF_THE_SERVER.includes(name))
    .map(([name, value]) => `${name}: ${name === "allow" ? sorted(value) : value}`);
  return {
    status: answer.status,
    reason: answer.reason,
    headers: headers.map(withoutChance).toSorted(),
    body: withoutChance(body.toString("latin1")),
  };
}

/** What two answers do not have in common, line by line. */
export function differencesOf(wanted: Answer, found: Answer): string[] {
  return differentLines(linesOf(wanted), linesOf(found));
}

function linesOf({ status, reason, headers, body }: Answer): string[] {
  // Where a field of JSON is missing, a comma before it is no difference of its own.
  const content = body.split("\n").map((line) => line.replace(/,$/, ""));
  return [`status ${status}`, `reason ${reason}`, ...headers, ...content];
}

/** Every line that the other side lacks, as often as it does. */
function differentLines(wanted: readonly string[], found: readonly string[]): string[] {
  const missing = notIn(found, wanted);
  const added = notIn(wanted, found);
  const differences = [...missing.map((line) => `- ${line}`), ...added.map((line) => `+ ${line}`)];
  const isOrdered = notIn(missing, wanted).join("\n") === notIn(added, found).join("\n");
  return isOrdered ? differences : [...differences, "the lines are in another order"];
}

function notIn(others: readonly string[], lines: readonly string[]): string[] {
  const rest = [...others];
  return lines.filter((line) => {
    const at = rest.indexOf(line);
    return at === -1 || rest.splice(at, 1).length === 0;
  });
}

/** A set of Python's, whose order is that of a hash with a random seed. */
function sorted(list: string): string {
  return list.split(", ").toSorted().join(", ");
}

function withoutChance(line: string): string {
  return line
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "(uuid)")
    .replace(/\b([0-9a-f]{32}|[0-9a-f]{64})\b/g, "(random)")
    .replace(/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/g, "(date)");
}
