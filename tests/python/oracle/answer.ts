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

/** An answer, line by line, its headers in order of their names: what is random is taken out. */
export async function linesOf(target: Target, request: TestRequest): Promise<string[]> {
  const answer = await target.send({
    ...request,
    headers: [["Host", "httpbin.example"], ...(request.headers ?? [])],
  });
  const body = await bytesOf(answer);
  const headers = answer.headers
    .filter(([name]) => !OF_THE_SERVER.includes(name))
    .map(([name, value]) => `${name}: ${name === "allow" ? sorted(value) : value}`);
  return [`${answer.status} ${answer.reason}`, ...headers.toSorted(), body.toString("latin1")].map(
    withoutChance,
  );
}

/** Every line of one answer that the other lacks, as often as it does. */
export function differencesOf(wanted: readonly string[], found: readonly string[]): string[] {
  return [
    ...notIn(found, wanted).map((line) => `- ${line}`),
    ...notIn(wanted, found).map((line) => `+ ${line}`),
  ];
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
