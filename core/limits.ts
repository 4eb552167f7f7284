// Every figure the gateway decides by, with its unit and where it comes from.

/** Header fields in one request; more is answered 431. Node's `server.maxHeadersCount` (2000). */
export const MAX_REQUEST_FIELDS = 2000;

/**
 * Characters of all request header names and values; more is answered 431. The largest figure of
 * the platforms: Workers take 128 KB (Cloudflare, "Limits", 2026-11); Node stops at 16 KiB itself.
 */
export const MAX_REQUEST_HEADER_SIZE = 131_072;

/** Empty chunks of one body between which others get their turn; some 0.5 ms of them. Our choice. */
export const EMPTY_CHUNKS = 1_000;

/** Milliseconds that a `close()` may take before the gateway goes on without it. Our choice. */
export const CLOSE_TIMEOUT = 5_000;

/** Bytes of one WebSocket message from a client. What Workers took for years; uvicorn's is 16 MiB. */
export const MAX_MESSAGE_SIZE = 1_048_576;

/** Characters of one unfinished line of `wsgi.errors` before it is sent unfinished. Our choice. */
export const MAX_ERROR_LINE = 16_384;

/** Bytes that `wsgi.file_wrapper` reads at a time by default. wsgiref's is 8192; measured faster here. */
export const FILE_BLOCK_SIZE = 65_536;

/** Bytes that a bridge reads at a time from a `wsgi.input` that cannot tell what is there. Our choice. */
export const BLIND_READ_SIZE = 16_384;

/** Distinct header names, statuses and hosts remembered between requests. Our choice. */
export const CACHE_CAPACITY = 512;

/** Characters of a header name, status or host that is remembered; a longer one is not. Our choice. */
export const MAX_CACHED_KEY = 128;

/** Bytes of a chunk that lint watches for a change after it was yielded; a longer one is not. Our choice. */
export const LINT_WATCHED_CHUNK = 65_536;

/** Milliseconds from the end of an iteration to `close()` before lint misses it. Our choice. */
export const LINT_CLOSE_WAIT = 1_000;

/** Bytes of a request body that lint's stress mode keeps to replay. Our choice. */
export const STRESS_BODY = 1_048_576;

/** Bytes of a response that stress mode keeps to look into; its checksum covers all. Our choice. */
export const STRESS_KEPT = 65_536;

/** Chunks of a response that stress mode takes before it leaves, for the body may be endless. Our choice. */
export const STRESS_CHUNKS = 10_000;

/** Milliseconds that stress mode waits for one run before it leaves it out of account. Our choice. */
export const STRESS_TIMEOUT = 1_000;
