import type { Application, HeaderList } from "../../core/mod.ts";
import { equal, matches, ok, until } from "../check.ts";
import { bytesOf, header } from "../reply.ts";
import type { Client, Reply, Request } from "../types.ts";

export const PLAIN: HeaderList[number] = ["Content-Type", "text/plain"];

/** More than any of these applications produces, so that every client sees the body break off. */
export const SIZED: HeaderList[number] = ["Content-Length", "1000"];

/** An answer that has come whole. */
export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly headers: HeaderList;
  readonly bytes: Uint8Array;
  /** The bytes, decoded as UTF-8. */
  readonly text: string;
}

/** One application for each path, for a rule with several sides. */
export function byPath(applications: Readonly<Record<string, Application>>): Application {
  return (environ, startResponse) => {
    const application = applications[environ.PATH_INFO];
    if (application === undefined) {
      throw new Error(`no application at ${environ.PATH_INFO}`);
    }
    return application(environ, startResponse);
  };
}

/** Sends a request and reads the whole answer. */
export async function ask(client: Client, request: Request): Promise<Answer> {
  const reply = await client.send(request);
  const { status, reason, headers } = reply;
  const bytes = await bytesOf(reply);
  return { status, reason, headers, bytes, text: new TextDecoder().decode(bytes) };
}

/** The answer to GET, which must be this one. */
export async function expectText(client: Client, path: string, wanted: string): Promise<Answer> {
  const answer = await ask(client, { path });
  equal([answer.status, answer.text], [200, wanted], `GET ${path}, status and body`);
  return answer;
}

/** Where a gateway's server does not frame the body, its length may be left out, but not wrong. */
export function expectLength(client: Client, answer: Answer, wanted: number): void {
  const found = header(answer, "content-length");
  if (found !== undefined || !client.lacks("framing")) {
    equal(found, String(wanted), "Content-Length");
  }
}

/**
 * Begins to watch the gateway's log.
 *
 * @returns Waits for a new line; at once where the target shows no log.
 */
export function watchLog(client: Client): (pattern: RegExp) => Promise<void> {
  const { target } = client;
  const seen = target.log?.length ?? 0;
  return async (pattern) => {
    const logged = (): boolean =>
      target.log?.slice(seen).some((line) => pattern.test(line)) ?? true;
    await until(logged, `a line in the log that matches ${pattern}`);
  };
}

/**
 * Sends one request twice on one connection, where there is one, and compares all bytes that come
 * back: what is too much in the first answer would be taken for the beginning of the second.
 *
 * @param status The status of each answer.
 * @param body What must follow each head, as a regular expression.
 */
export async function expectInSync(
  client: Client,
  request: { method: string; path: string; status: number; body: string },
): Promise<void> {
  if (client.lacks("wire")) {
    return;
  }
  const { method, path, status, body } = request;
  const answer = `HTTP/1\\.1 ${status} (?:[^\\r\\n]*\\r\\n)+?\\r\\n${body}`;
  const connection = await client.connect();
  try {
    for (const answers of [1, 2]) {
      connection.write(client.head(method, path));
      const pattern = new RegExp(`^(?:${answer}){${answers}}$`);
      matches(await connection.received(pattern), pattern, `the bytes of ${answers} answers`);
    }
  } finally {
    connection.destroy();
  }
}

/**
 * Asks for `/`, and for `/sized` with a Content-Length, and wants both bodies to break off behind
 * `part`; where nothing leaves before all is there, an error can still be told by its status.
 *
 * @param line What the gateway's log must say each time.
 */
export async function expectBreak(client: Client, part: string, line?: RegExp): Promise<void> {
  for (const path of ["/", "/sized"]) {
    const logged = watchLog(client);
    const reply = await client.send({ path });
    const { text, broken } = await readUntilBreak(reply);
    if (client.lacks("streaming")) {
      equal(reply.status, 500, `status of ${path}`);
    } else {
      equal([reply.status, text], [200, part], `${path}, status and body`);
      ok(broken || (path === "/" && client.lacks("bodyBreak")), `${path}: found a whole body`);
    }
    if (line !== undefined) {
      await logged(line);
    }
  }
}

/** As much of a body as comes, decoded as UTF-8, and whether it broke off. */
export async function readUntilBreak(reply: Reply): Promise<{ text: string; broken: boolean }> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of reply.chunks) {
      text += decoder.decode(chunk, { stream: true });
    }
    return { text, broken: false };
  } catch {
    return { text, broken: true };
  }
}
