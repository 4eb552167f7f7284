// One part after the other. Static imports would run their awaits at the same time, and so let the
// parts slow each other down.
await import("./sizes.ts");
await import("./fetch.ts");
await import("./from-fetch.ts");
await import("./lambda.ts");
await import("./workers.ts");
await import("./node.ts");
await import("./from-node.ts");
await import("./websocket.ts");
await import("./websocket-edge.ts");
await import("./asgi.ts");

export {};
