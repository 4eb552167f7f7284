// A function by hand, that streams as functions should not.

import type { Writable } from "node:stream";

interface Event {
  readonly rawPath: string;
}

declare const awslambda: {
  streamifyResponse<Handler>(handler: Handler): Handler;
  HttpResponseStream: { from(stream: Writable, prelude: unknown): Writable };
};

export const handler: unknown = awslambda.streamifyResponse(
  async ({ rawPath }: Event, stream: Writable): Promise<void> => {
    const head = { statusCode: 201, headers: { "x-word": "Grüße" }, cookies: ["a=1", "b=2"] };
    switch (rawPath) {
      case "/plain":
        stream.end("no head");
        return;
      case "/headless":
        // The runtime client writes the head with the first write() only.
        awslambda.HttpResponseStream.from(stream, head).end();
        return;
      case "/early":
        throw new TypeError("thrown before the head");
      case "/breaks":
        awslambda.HttpResponseStream.from(stream, head).write("part");
        throw new TypeError("thrown behind the head");
      case "/large": {
        const out = awslambda.HttpResponseStream.from(stream, head);
        for (let megabyte = 0; megabyte < 8; megabyte++) {
          out.write(Buffer.alloc(1_048_576));
        }
        out.end();
        return;
      }
    }
    const out = awslambda.HttpResponseStream.from(stream, head);
    out.write("streamed");
    out.end();
  },
);
