/**
 * Why goals are missed, by the name that the report has beside them: where the time goes, and what
 * was tried. Measured on the machine of RESULTS.md.
 */
export const REASONS = {
  "every value is checked":
    "A hello takes 2.4 µs when nothing else is done, and 3.3 where all events come by turns. Half of it is its 12 headers: each value is looked at for control characters (8 % of a profile) and stored under a key of its own (7 %); no other function has more than 5 %. Bare answers without a look at the event, and the aims are what a prototype of a hundred lines reached that checks nothing.",
  "their own work":
    "Values are checked here, too; and in three of the cells most is decoding, parsing and writing, which everyone has to do: bare itself is 5 to 15 times as fast as Hono there, so that the mean of all cells cannot reach 12 by the others.",
  "JSON is half of bare":
    "Bare takes 3.7 µs for the JSON alone; the goal leaves 1.2 for everything else, where the headers alone take more.",
  "bytes of code":
    "V8 reads whatever it loads, 55 to 70 µs a kB, and as long again to compile the some 100 functions that the first request calls. A hello has 43 kB for Workers, 56 for Lambda: 6 to 8 kB are messages that say what was wrong, 5.5 WebSockets, 8 the sources of Lambda's events, all else the contract: no file has more than 4.5 kB. The aims are of a prototype without any of it. By the kB dram is cheaper than Hono in an isolate, 65 µs beside 90.",
  "every header is read":
    "environ has all headers, and `Headers` gives them by going through them all: 6.7 µs on Deno, where a bare hello takes 10.5; 18 µs in workerd, where it takes 86; 3 of 17 in Node. Hono's hello asks for none. That environ is not filled lazily is measured in docs/decisions/001. What dram adds itself is 5 µs on Deno, 3 in Node, 17 in workerd with 4.3 for `request.cf`; and V8 optimises late there: 0.57 of bare after 5,000 requests, 0.67 after 80,000.",
  "promises and a body":
    "What a hello lacks is lacking here, too; the rest are an asynchronous application's promises and the body itself. Fewer promises around the platform's reader gained nothing (0.99 to 1.03), nor did leaving `request.body` untouched, which Deno makes anyway.",
  "the stream that tells of its end":
    "A pump written by hand through workerd's IdentityTransformStream takes what dram takes, 75 to 79 µs for 64 KiB. A plain ReadableStream takes 61, but workerd does not cancel it when the client leaves: `close()` would be lost.",
  "node:http itself":
    "9 % of a profile of `serve` are dram's, 35 % the write to the socket, the rest node:http. Bare makes no environ, reads no header and checks nothing.",
} as const;

/** One of them, by name. */
export type Reason = keyof typeof REASONS;
