// Every figure of this adapter, with its unit and where it comes from.

/**
 * Bytes of a request body that are kept while the server takes nothing of the response. Apache httpd
 * reads no response before it has sent the whole body: each would wait for the other. Our choice.
 */
export const MAX_READ_AHEAD = 67_108_864;

/**
 * Milliseconds that `close()` and what was given to `dram.wait_until` may take after the response:
 * as much as Workers give. Apache's mod_cgid ends the program about 3 s after its response.
 */
export const WAIT_TIMEOUT = 30_000;

/** Milliseconds from SIGTERM to the end of the process. Apache sends SIGKILL after 3 s. */
export const GRACE_TIME = 2_000;

/** Milliseconds that the last lines of the log may take to leave. Our choice. */
export const FLUSH_TIMEOUT = 1_000;
