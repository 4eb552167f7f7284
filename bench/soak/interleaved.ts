// G10: no request sees another's environ, however many there are between one another.

import { atOnce, type Link, open } from "./client.ts";
import { count, judge, type Outcome } from "./part.ts";
import { type Platform, serving } from "./server.ts";

/** Requests under way at a time. */
const ABREAST = 1000;

export function interleaved(platform: Platform, rounds: number): Promise<Outcome> {
  return serving(platform, async (server) => {
    const links = new Map<number, Link>();
    return interleave(rounds, async (id, lane) => {
      const link = links.get(lane) ?? (await open(server));
      links.set(lane, link);
      const response = await link.ask(`/echo?${id}`, id);
      return new RegExp(`x-id: ${id}\r\n`, "i").test(response) && response.endsWith(id + id);
    });
  });
}

/**
 * @param isOwn Sends one of so many requests that are under way at a time, and tells whether the
 *   answer is its own.
 */
export async function interleave(
  rounds: number,
  isOwn: (id: string, lane: number) => Promise<boolean>,
): Promise<Outcome> {
  const begun = performance.now();
  let answers = 0;
  let mixed = 0;
  for (let round = 0; round < rounds; round++) {
    await atOnce(ABREAST, async (lane) => {
      const own = await isOwn(`${round}-${lane};`, lane);
      answers++;
      mixed += own ? 0 : 1;
    });
  }
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  return judge(
    answers > 0 && mixed === 0,
    `${mixed} mixed up of ${count(answers)}, ${count(ABREAST)} abreast, ${seconds} s`,
  );
}
