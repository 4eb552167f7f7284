// The part of Deno that this adapter uses, for compilers that have no types of Deno's. `deno check`
// takes Deno's own instead.

declare const Deno: {
  upgradeWebSocket(
    request: Request,
    options: { idleTimeout: number },
  ): { readonly response: Response; readonly socket: WebSocket };
  serve(
    options: {
      hostname?: string;
      port?: number;
      path?: string;
      key?: string;
      cert?: string;
      onListen(): void;
      onError(error: unknown): Response;
    },
    handler: import("./types.ts").DenoHandler,
  ): {
    readonly addr: import("./types.ts").DenoAddress;
    readonly finished: Promise<void>;
    shutdown(): Promise<void>;
  };
};
