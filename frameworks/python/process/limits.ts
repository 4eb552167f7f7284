// Every figure of the worker processes, with its unit and where it comes from.

/**
 * Bytes of one frame: more is a broken peer, and nothing is set aside for it. Above what an environ of
 * the largest head can become in JSON (1 MiB of meta-variables under FastCGI, escapes included).
 */
export const MAX_FRAME = 8_388_608;

/** Bytes of a request body that one `D` carries, and that a worker may ask for. Measured: no more helps. */
export const MAX_PIECE = 262_144;

/** Requests that wait for a worker; one more is answered 503. Half of gunicorn's backlog (2048). */
export const MAX_WAITING = 1024;

/** Milliseconds that the application may take for one step: gunicorn's `timeout`. */
export const STEP_TIME = 30_000;

/** Milliseconds after which an application that could not be loaded is tried again, if it is asked for. */
export const RETRY_TIME = 5_000;

/** Milliseconds for what a process has sent before its end to be taken. Our choice. */
export const DRAIN_TIME = 100;

/** The largest number of a call, before they begin anew: four bytes have room for it. */
export const MAX_ID = 0x7fff_ffff;
