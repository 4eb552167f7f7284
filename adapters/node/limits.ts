// Every figure of this adapter, with its unit and where it comes from.

/**
 * Bytes of a request body that nobody has read and that Node may discard by itself after the
 * response: no more than what a client has in flight anyway (Linux's default socket buffers).
 */
export const SMALL_BODY = 65_536;

/**
 * Milliseconds between the answer to a request that could not be parsed and the end of its
 * connection, so that a reset does not overtake the answer. Go's `rstAvoidanceDelay`.
 */
export const LINGER_TIMEOUT = 500;

/** Milliseconds for a request's head: nginx's and Apache's 60 s are much for some hundred bytes. */
export const HEADERS_TIMEOUT = 20_000;

/** Milliseconds for a whole request, body included. Node's own default. */
export const REQUEST_TIMEOUT = 300_000;

/**
 * Milliseconds that an idle connection is kept. Above the 60 s after which the usual proxies (nginx,
 * AWS load balancers) close theirs, so that they never send into a connection being closed.
 */
export const KEEP_ALIVE_TIMEOUT = 65_000;

/**
 * Bytes that a client may send behind its handshake before it is answered; no honest one sends any
 * (RFC 6455 §4.1). Our choice.
 */
export const MAX_EARLY = 16_384;
