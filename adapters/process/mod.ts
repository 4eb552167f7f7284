// What the servers that own their process have in common. No public name of its own.

export { addressOf, bind } from "./address.ts";
export { Connections } from "./connections.ts";
export { type Ending, endInOrder } from "./ending.ts";
export { guard } from "./guard.ts";
export { Lifetime } from "./lifetime.ts";
export * from "./limits.ts";
export { messageOf } from "./message.ts";
export { checkGiven, isBoolean, isName, isObject, isPort, isTime } from "./options.ts";
export { Peer } from "./peer.ts";
export { BodyQueue } from "./queue.ts";
export { Restarts } from "./restarts.ts";
export { drained, sendCommitted, turns } from "./sending.ts";
export { stopOnSignals } from "./signals.ts";
export { Stop } from "./stop.ts";
export { within } from "./within.ts";
