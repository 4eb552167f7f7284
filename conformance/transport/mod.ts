// Ways to a target from Node, or what has its modules.

export { fetchTransport } from "./fetch.ts";
export { http1Transport } from "./http1.ts";
export { http2Transport } from "./http2.ts";
