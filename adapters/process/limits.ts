// Every figure that these servers share, with its unit and where it comes from.

/**
 * Bytes of a request body that wait for the application before the client is made to wait. To stop
 * and start for each packet costs more than the memory. Our choice.
 */
export const MAX_QUEUED_BODY = 262_144;

/**
 * Bytes of an unread request body that are discarded before its connection is closed. A client that
 * writes all of its body before it reads would otherwise meet a reset instead of its answer: twice
 * the 1 MiB that the conformance suite sends.
 */
export const MAX_DISCARDED_BODY = 2_097_152;

/** Milliseconds that an unread request body may take to be discarded: nginx's `lingering_time`. */
export const DISCARD_TIMEOUT = 30_000;

/** Milliseconds for the bytes before a break to leave, where the client still takes them. Our choice. */
export const BREAK_TIMEOUT = 5_000;

/** Milliseconds in which a web server reads what was sent before a response breaks off. Our choice. */
export const BREAK_DELAY = 20;

/** Bytes of a complete body up to which head and body are sent as one piece. Measured. */
export const ONE_WRITE = 16_384;

/** Milliseconds that one body may have the process to itself. Our choice. */
export const TURN_TIME = 10;

/** Milliseconds from the request to stop to the end of what is still in flight. Docker kills after 10 s. */
export const GRACE_TIME = 10_000;

/** Milliseconds for `close()` and `dram.wait_until` after the grace time is over. Our choice. */
export const ABORT_TIME = 1_000;

/**
 * Bytes of messages on their way to one WebSocket client from which on a further `send` waits for them:
 * the size of a socket's own queue is 64 KiB (Node's default `highWaterMark`).
 */
export const MAX_UNSENT = 65_536;

/** Milliseconds between two pings to a WebSocket client. Half of the 60 s after which proxies close. */
export const PING_INTERVAL = 30_000;

/** Milliseconds of service after which a worker that dies is replaced at once. Our choice. */
export const SETTLED_TIME = 1_000;

/** Milliseconds before a worker is replaced that has died sooner; doubled each time. Our choice. */
export const FIRST_DELAY = 100;
export const MAX_DELAY = 5_000;
