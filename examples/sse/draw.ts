/** One event. */
export interface Draw {
  readonly id: number;
  /** `12:34:56`, UTC. */
  readonly time: string;
  /** From 1 to 90. */
  readonly number: number;
}

/** The number of a tick: the same wherever and whenever it is asked for. */
export function draw(id: number, interval: number): Draw {
  return {
    id,
    time: new Date(id * interval).toISOString().slice(11, 19),
    number: (scramble(id) % 90) + 1,
  };
}

/** Spreads consecutive numbers over 32 bits (the finalizer of MurmurHash3). */
function scramble(value: number): number {
  let hash = value >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
