/**
 * Why goals are missed, by the name that the report has beside them: what was measured, and what it
 * would take. Figures are of the machine of RESULTS.md, when idle.
 */
export const REASONS = {
  checks:
    "Of the 2.4 µs of a hello, headers are 1.25: every value is looked at for control characters (0.5) and stored under its own key (0.4). Calling the application is 0.3, the result 0.2; the rest is spread so that no function has 5 %. The aims are what a prototype without any check reached, and bare answers without a look at the request.",
  "their own work":
    "The body is decoded, parsed and written by everyone: bare itself is only some 5 and 20 times as fast as Hono in those cells, and no geometric mean with them can reach 12.",
  "bytes of code":
    "What is loaded is read by V8 before it runs: 70 µs for each kB of a bundle in a cold process of Node, 65 in an isolate of workerd. A hello has 36 kB of code beside 6 kB of messages for Workers, 46 beside 8 for Lambda: every event source, every check and its message, streams, WebSockets. The aims are those of a prototype that had none of it, and Hono without a router's features has 20 to 25 kB.",
} as const;

/** One of them, by name. */
export type Reason = keyof typeof REASONS;
