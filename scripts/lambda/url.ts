import { percentDecode } from "./fields.ts";
import type { Gateway } from "./gateway.ts";
import { toEvent2, toResponse2 } from "./payload2.ts";

/** A function URL with invoke mode BUFFERED, open to all. */
export const url: Gateway = {
  title: "a function URL",
  domain: "furlabcdefghijklmnopqrstuvwxyz01.lambda-url.eu-central-1.on.aws",
  // "Lambda quotas", 2026-11.
  maxBody: 6_291_456,
  streams: false,

  toEvent: (request, site) =>
    toEvent2(request, site, {
      // Seen live: as it was sent here, and decoded there.
      rawPath: request.path,
      path: percentDecode(request.path),
      cookieHeader: true,
      context: {
        accountId: "anonymous",
        apiId: "furlabcdefghijklmnopqrstuvwxyz01",
        authentication: null,
        stage: "$default",
      },
    }),

  toResponse: toResponse2,
};

/** A function URL with invoke mode RESPONSE_STREAM. */
export const urlStream: Gateway = { ...url, streams: true };
