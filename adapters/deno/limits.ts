/** Milliseconds between two looks at how much of a WebSocket is still to leave. Our choice. */
export const DRAIN_INTERVAL = 10;
