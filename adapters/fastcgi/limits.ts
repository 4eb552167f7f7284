// Every figure of this adapter, with its unit and where it comes from.

/** Bytes of a record's content: its length has two bytes (FastCGI 1.0 §3.3). */
export const MAX_CONTENT = 65_535;

/** The longest content that needs no padding behind it. */
export const FULL_CONTENT = 65_528;

/**
 * Bytes of all meta-variables of a request; more is answered 431. Far above what a web server makes
 * of the largest head it takes itself (nginx: 4 times 8 KiB; Apache: 100 fields of 8 KiB each).
 */
export const MAX_PARAMS = 1_048_576;

/** Connections, and so requests, that a web server that asks is told to open. What the tests prove. */
export const TOLD_CONNECTIONS = 2000;

/** Milliseconds in which more of a request has to come that is not complete yet. As dram/node's. */
export const REQUEST_TIMEOUT = 300_000;

/** What ends the process in order: mod_fcgid asks by SIGUSR1, all others by what they ask any process. */
export const STOP_SIGNALS = ["SIGTERM", "SIGINT", "SIGUSR1"] as const;

/** Workers in a row that may end before they serve at all. Our choice. */
export const MAX_FAILED_STARTS = 5;
