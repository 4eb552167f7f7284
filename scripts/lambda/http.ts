import { percentDecode } from "./fields.ts";
import type { Gateway } from "./gateway.ts";
import { Refusal } from "./message.ts";
import { toEvent2, toResponse2 } from "./payload2.ts";

/** An HTTP API with the route `$default` and payload format 2.0. */
export const http: Gateway = {
  title: "an API Gateway HTTP API",
  domain: "httpapi123.execute-api.eu-central-1.amazonaws.com",
  // "Quotas for configuring and running an HTTP API", 2026-11.
  maxBody: 10_485_760,
  maxHead: 10_240,
  streams: false,

  toEvent(request, site) {
    const { stage } = site;
    if (
      stage !== undefined &&
      request.path !== `/${stage}` &&
      !request.path.startsWith(`/${stage}/`)
    ) {
      throw new Refusal(404, `${request.path} is not below the stage /${stage}`);
    }
    // Seen live: the path is decoded, and a question mark that appears by it ends the path.
    const path = percentDecode(request.path).split("?", 1)[0] ?? "";
    return toEvent2(request, site, {
      rawPath: path,
      path,
      // The cookies are in their list only.
      cookieHeader: false,
      context: {
        accountId: "123456789012",
        apiId: "httpapi123",
        authentication: null,
        stage: stage ?? "$default",
      },
    });
  },

  toResponse: toResponse2,
};
