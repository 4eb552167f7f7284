/** A running gateway to send requests to. */
export interface Target {
  readonly name: string;
  send(request: TestRequest): Promise<TestResponse>;
  /** Lines of the gateway's log so far. */
  readonly log: readonly string[];
  close(): Promise<void>;
}

export interface TestRequest {
  readonly method?: string;
  /** The request target, sent as it is. */
  readonly path: string;
  /** Sent as bytes: U+0000 to U+00FF. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
}

export interface TestResponse {
  readonly status: number;
  readonly reason: string;
  /** As they came, names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly chunks: AsyncIterable<Uint8Array>;
  /** The client leaves. */
  leave(): void;
}

/** All values of a header. */
export function header(response: TestResponse, name: string): string[] {
  return response.headers.filter(([found]) => found === name).map(([, value]) => value);
}

/** The whole body. */
export async function bytesOf(response: TestResponse): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.chunks) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The whole body, decoded as UTF-8. */
export async function textOf(response: TestResponse): Promise<string> {
  return (await bytesOf(response)).toString("utf8");
}

/** Waits until a condition holds; what it last was is in the error. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  within = 5000,
): Promise<void> {
  const deadline = Date.now() + within;
  while (!(await condition())) {
    if (Date.now() > deadline) {
      throw new Error(`not within ${within} ms: ${condition}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
