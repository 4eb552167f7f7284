import { type Application, json } from "dram";
import { type FastcgiOptions, type FastcgiServer, serveFastcgi } from "dram/fastcgi";
import { onTestFinished } from "vitest";
import {
  type FastcgiWire,
  fastcgiWire,
  get,
  type Place,
  STDOUT,
} from "../targets/fastcgi-client.ts";
import { makeLog } from "../targets/log.ts";
import { until } from "../targets/target.ts";

/** A server of this process. */
export interface Listening extends FastcgiServer {
  readonly place: Place;
  /** Lines of its log, those of requests among them. */
  readonly log: readonly string[];
}

/** Serves an application until the test has finished. */
export async function listening(
  application: Application,
  options: FastcgiOptions = {},
): Promise<Listening> {
  const { errors, log } = makeLog();
  const server = await listeningToStderr(application, { errors, ...options });
  return { ...server, log };
}

/** The same, without a log of the deployer's. */
export async function listeningToStderr(
  application: Application,
  options: FastcgiOptions = {},
): Promise<FastcgiServer & { place: Place }> {
  const where = options.path === undefined ? { port: 0 } : {};
  const server = await serveFastcgi(application, {
    ...{ ...where, signals: false, graceTime: 100 },
    ...options,
  });
  onTestFinished(() => server.close());
  const { port } = server;
  const place = port === undefined ? { path: server.url.replace(/^unix:/, "") } : { port };
  return { ...server, place };
}

/** Connects to a server until the test has finished. */
export async function wire(place: Place): Promise<FastcgiWire> {
  const client = await fastcgiWire(place);
  onTestFinished(() => {
    client.socket.destroy();
  });
  return client;
}

/** The body of the answer to a GET on a connection of its own. */
export async function ask(place: Place, path: string): Promise<string> {
  const client = await wire(place);
  client.send(get(path));
  await client.end();
  client.socket.destroy();
  return bodyOf(client.stream(STDOUT));
}

/** The processes that answer `/pid`, once there are so many. */
export async function pids(place: Place, count: number): Promise<number[]> {
  const found = new Set<number>();
  await until(async () => {
    found.add(Number(await ask(place, "/pid")));
    return found.size === count;
  });
  return [...found];
}

/** Answers with the strings of its environ, and the body it was sent, as JSON. */
export const echo: Application = async (environ, startResponse) => {
  const body = Buffer.from(await environ["wsgi.input"].read()).toString("latin1");
  startResponse("200 OK", [["Content-Type", "application/json"]]);
  return json({ ...Object.fromEntries(Object.entries(environ).filter(isText)), body });
};

function isText(entry: [string, unknown]): entry is [string, string] {
  return typeof entry[1] === "string";
}

/** What stands behind the head of a response. */
export function bodyOf(stdout: string): string {
  return stdout.slice(stdout.indexOf("\r\n\r\n") + 4);
}

export function bytes(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

/** A promise and the way to settle it. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
