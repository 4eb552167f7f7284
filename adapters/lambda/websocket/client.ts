import { DramError, quote } from "../../../core/mod.ts";

/**
 * The management API of a WebSocket API, which sends to its connections from anywhere: from the
 * handlers, from a request, from a handler of a queue.
 */
export interface ConnectionClient {
  /**
   * Sends one message of text, at most 128 KiB in UTF-8.
   *
   * @throws {DramError} `ERR_CLIENT_DISCONNECTED` if the connection is over. One of the deployer's own
   *   may throw the `GoneException` of AWS's SDK.
   */
  post(connectionId: string, data: string): Promise<void>;
  /**
   * Closes a connection, with a code of API Gateway's own.
   *
   * @throws {DramError} As `post`.
   */
  delete(connectionId: string): Promise<void>;
}

/**
 * A client of the management API that signs by `aws4fetch`, an optional peer, with the credentials of
 * the function (`AWS_ACCESS_KEY_ID` and its kin). Its role needs `execute-api:ManageConnections`.
 *
 * @param endpoint `https://{api}.execute-api.{region}.amazonaws.com/{stage}`, or the custom domain and
 *   the key of its API mapping.
 * @returns Its methods throw `ERR_CONNECTION_API` for what AWS refuses, `ERR_MESSAGE_SIZE`, and
 *   `ERR_OPTION` if the package is not installed. What AWS throttles or fails at is tried three times more.
 */
export function connectionClient(endpoint: string): ConnectionClient {
  async function call(method: string, id: string, body?: string): Promise<void> {
    const signer = await createSigner(endpoint);
    const url = `${endpoint.replace(/\/+$/, "")}/@connections/${encodeURIComponent(id)}`;
    let response: Response;
    try {
      response = await signer.fetch(url, body === undefined ? { method } : { method, body });
    } catch (cause) {
      throw new DramError("ERR_CONNECTION_API", `${method} ${url} could not be sent`, { cause });
    }
    if (!response.ok) {
      throw refusal(`${method} ${url}`, response.status, await response.text());
    }
    // Or its connection could not be used again.
    await response.body?.cancel();
  }

  return {
    post: (id, data) => call("POST", id, data),
    delete: (id) => call("DELETE", id),
  };
}

type Signer = InstanceType<typeof import("aws4fetch").AwsClient>;

/** A key is derived once a day, of secrets that only this process has. */
const derivedKeys = new Map<string, ArrayBuffer>();

async function createSigner(endpoint: string): Promise<Signer> {
  const { AwsClient } = await load();
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION } = process.env;
  if (AWS_ACCESS_KEY_ID === undefined || AWS_SECRET_ACCESS_KEY === undefined) {
    throw new DramError(
      "ERR_CONNECTION_API",
      "there are no AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to sign with",
    );
  }
  const region = /\.execute-api\.([a-z0-9-]+)\./.exec(endpoint)?.[1] ?? AWS_REGION;
  return new AwsClient({
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
    ...(region === undefined ? {} : { region }),
    service: "execute-api",
    cache: derivedKeys,
    retries: 3,
  });
}

/** Inside `try`, or a bundler would demand the package of everybody. */
async function load(): Promise<typeof import("aws4fetch")> {
  try {
    return await import("aws4fetch");
  } catch (cause) {
    throw new DramError(
      "ERR_OPTION",
      "messages to WebSockets are signed by the package aws4fetch, which is not installed; install it, or give webSocketApi the option client",
      { cause },
    );
  }
}

function refusal(call: string, status: number, answer: string): DramError {
  switch (status) {
    case 410:
      return new DramError("ERR_CLIENT_DISCONNECTED", "the connection is over");
    case 413:
      return new DramError("ERR_MESSAGE_SIZE", "API Gateway takes no message of this size");
    case 403:
      return new DramError(
        "ERR_CONNECTION_API",
        `${call} was answered 403 ${quote(answer)}; does the function's role allow execute-api:ManageConnections on this API and stage?`,
      );
    default:
      return new DramError("ERR_CONNECTION_API", `${call} was answered ${status} ${quote(answer)}`);
  }
}
