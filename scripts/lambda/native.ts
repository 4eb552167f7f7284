// AWS's runtime client takes three calls from an addon in C++, which npm would have to compile. Here
// they are by node:http; all else is AWS's own code: `node --import native.ts aws-lambda-ric/index.mjs`.

import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { registerHooks } from "node:module";
import { text } from "node:stream/consumers";

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "./rapid-client.node"
      ? { url: import.meta.url, shortCircuit: true }
      : next(specifier, context),
});

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
const agent = new Agent({ keepAlive: true });

/** The addon posts before it returns, this one before it asks for more. */
let posted: Promise<unknown> = Promise.resolve();

export async function next(): Promise<Message> {
  await posted;
  return send("GET", "/next");
}

/** @param id Percent-encoded. */
export function done(id: string, result: string): void {
  posted = send("POST", `/${id}/response`, result);
}

/** @param id Percent-encoded. */
export function error(id: string, description: string): void {
  posted = send("POST", `/${id}/error`, description);
}

interface Message {
  readonly bodyJson: string;
  readonly headers: IncomingHttpHeaders;
}

function send(method: string, path: string, body?: string): Promise<Message> {
  return new Promise((resolve, reject) => {
    const sent = request(api + path, { method, agent }, (response) => {
      text(response).then((bodyJson) => resolve({ bodyJson, headers: response.headers }), reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
