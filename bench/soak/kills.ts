// G11: a worker that is killed takes with it what it had in flight, and nothing else.

import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { bootApache } from "../../tests/targets/apache.ts";
import { bootFastcgi } from "../../tests/targets/fastcgi.ts";
import { type Place, sendFastcgi } from "../../tests/targets/fastcgi-client.ts";
import { bootNginx } from "../../tests/targets/nginx.ts";
import { makeFolder } from "../../tests/targets/webserver.ts";
import { judge, type Outcome, wait } from "./part.ts";
import { pick } from "./random.ts";
import { killAtExit } from "./server.ts";

const WORKERS = 2;
/** Requests a second. */
const RATE = 200;
/** Milliseconds between two kills. */
const EVERY = 2000;

/** One request; times in milliseconds. */
interface Sent {
  readonly id: string;
  readonly begun: number;
  readonly ended: number;
  /** Of the worker that has answered; `undefined` if there was no 2xx. */
  readonly pid: number | undefined;
  readonly status: number;
  /** The answer is that of another request, or has seen its environ. */
  readonly stale: boolean;
}

interface Kill {
  readonly pid: number;
  readonly at: number;
  /** When the supervisor knew: until then, the kernel may keep its connections open. */
  readonly gone: number;
  /** When another one has answered in its place. */
  readonly replaced: number;
}

export async function kills(server: "nginx" | "apache", seconds: number): Promise<Outcome> {
  const folder = await makeFolder();
  const path = join(folder, "s");
  const module = new URL("./application.ts", import.meta.url);
  // The web server runs as another user.
  const target = await bootFastcgi(module, { path, mode: 0o666, workers: WORKERS });
  const leave = killAtExit(target.process);
  try {
    const boot = server === "nginx" ? bootNginx : bootApache;
    const front = await boot("fastcgi", { "/run/app/fastcgi.sock": path });
    const leaveFront = killAtExit({ kill: () => process.kill(front.pid) });
    try {
      const { sent, killed } = await load(front.port, { path }, seconds);
      return judgeKills(sent, killed, target.output);
    } finally {
      leaveFront();
      await front.close();
    }
  } finally {
    leave();
    rmSync(folder, { recursive: true });
  }
}

/** Requests come at their rate, whatever becomes of those before, and every so often a worker dies. */
async function load(
  port: number,
  place: Place,
  seconds: number,
): Promise<{ sent: readonly Sent[]; killed: readonly Kill[] }> {
  const sent: Promise<Sent>[] = [];
  const killed: Promise<Kill>[] = [];
  const begun = performance.now();
  let next = begun + EVERY;
  for (let number = 0; performance.now() - begun < seconds * 1000; number++) {
    sent.push(send(port, number));
    if (performance.now() >= next && next + EVERY <= begun + seconds * 1000) {
      next += EVERY;
      killed.push(kill(place));
    }
    await wait(Math.max(0, begun + ((number + 1) * 1000) / RATE - performance.now()));
  }
  return { sent: await Promise.all(sent), killed: await Promise.all(killed) };
}

/** Kills whatever worker answers, and waits for the next. */
async function kill(place: Place): Promise<Kill> {
  const known = new Set<number>();
  while (known.size < WORKERS) {
    known.add(await workerOf(place));
  }
  const pid = pick([...known], Math.random);
  process.kill(pid, "SIGKILL");
  const at = performance.now();
  while (existsSync(`/proc/${pid}`)) {
    await wait(1);
  }
  const gone = performance.now();
  while (known.has(await workerOf(place))) {
    // The other one, whose turn it was.
  }
  return { pid, at, gone, replaced: performance.now() };
}

/** Which worker answers, on a connection of its own; none, if it is just dying. */
async function workerOf(place: Place): Promise<number> {
  try {
    const { chunks } = await sendFastcgi(place, { path: "/worker?probe" });
    return JSON.parse((await buffer(chunks)).toString()).pid;
  } catch {
    return 0;
  }
}

/** Every other request has a token, which the next one must not see. */
async function send(port: number, number: number): Promise<Sent> {
  const id = String(number);
  const token = number % 2 === 0 ? id : null;
  const begun = performance.now();
  try {
    const response = await fetch(`http://127.0.0.1:${port}/hello/worker?${id}`, {
      headers: token === null ? {} : { "x-token": token },
    });
    const body = await response.text();
    const ended = performance.now();
    if (!response.ok) {
      return { id, begun, ended, pid: undefined, status: response.status, stale: false };
    }
    const answer: { pid: number; id: string; token: string | null } = JSON.parse(body);
    const stale = answer.id !== id || answer.token !== token;
    return { id, begun, ended, pid: answer.pid, status: response.status, stale };
  } catch {
    return { id, begun, ended: performance.now(), pid: undefined, status: 0, stale: false };
  }
}

/** @param output A line of each request that a worker has begun: its process and the request's id. */
function judgeKills(
  sent: readonly Sent[],
  killed: readonly Kill[],
  output: readonly string[],
): Outcome {
  const begunBy = new Map(output.map((line) => line.split(" ").toReversed() as [string, string]));
  const failed = sent.filter(({ pid }) => pid === undefined);
  const others = failed.filter((request) => !wasInFlight(request, killed, begunBy));
  const stale = sent.filter((request) => request.stale).length;
  const replaced = Math.max(...killed.map(({ at, replaced }) => replaced - at));
  const served = Math.max(...killed.map(({ at }) => servedBehind(at, sent)));
  const statuses = [...new Set(failed.map(({ status }) => status))].join(", ");
  return judge(
    killed.length > 0 && others.length === 0 && stale === 0 && served < 1000 && replaced < 1000,
    `${killed.length} kills, ${failed.length} of ${sent.length} not 2xx (${statuses}), ${others.length} of them not in flight on the killed one; served again within ${served.toFixed(0)} ms, worker replaced within ${replaced.toFixed(0)} ms; ${stale} stale`,
  );
}

/** Begun by the worker, or handed to it before its connections were closed. */
function wasInFlight(
  { id, begun, ended }: Sent,
  killed: readonly Kill[],
  begunBy: ReadonlyMap<string, string>,
): boolean {
  return killed.some(
    ({ pid, at, gone }) =>
      begun <= gone && ended >= at && (begunBy.get(id) ?? String(pid)) === String(pid),
  );
}

/** Milliseconds until a request that was sent behind the kill is answered. */
function servedBehind(at: number, sent: readonly Sent[]): number {
  const answered = sent.filter(({ begun, pid }) => begun > at && pid !== undefined);
  return Math.min(...answered.map(({ ended }) => ended)) - at;
}
