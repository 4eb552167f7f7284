import type { HeaderList } from "dram";
import type { Request } from "dram/conformance";
import type { RequestListener } from "dram/from/node";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Answer, answersOf, onNode, type Served, ways } from "./listeners.ts";

/** What a client does, request by request. */
export type Conversations = Readonly<Record<string, readonly Request[]>>;

/** What is not as on node:http. */
export interface Difference {
  readonly way: string;
  readonly why: string;
  readonly conversations: readonly string[];
  /** Makes of what node:http answers what is wanted here. */
  change(answer: Answer): Answer;
}

/** Registers a test for each way and conversation: the answers are those of Node's own server. */
export function compare(
  framework: string,
  createListener: () => RequestListener | Promise<RequestListener>,
  conversations: Conversations,
  differences: readonly Difference[],
): void {
  for (const [way, boot] of Object.entries(ways)) {
    describe(`${framework} through ${way} is as on node:http:`, () => {
      let oracle: Served;
      let through: Served;

      beforeAll(async () => {
        // Where frameworks log what their last handler answers.
        vi.spyOn(console, "error").mockImplementation(() => {});
        oracle = await onNode(await createListener());
        through = await boot(await createListener());
      });

      afterAll(async () => {
        await oracle?.close();
        await through?.close();
      });

      test.each(Object.entries(conversations))("%s", async (name, requests) => {
        const difference = differences.find(
          (one) => one.way === way && one.conversations.includes(name),
        );
        const wanted = await answersOf(oracle, requests);
        expect(await answersOf(through, requests)).toEqual(
          difference === undefined ? wanted : wanted.map((answer) => difference.change(answer)),
        );
      });
    });
  }
}

export function get(path: string, ...headers: HeaderList): Request[] {
  return [{ path, headers }];
}

export function post(
  path: string,
  body: string | AsyncIterable<Uint8Array>,
  ...headers: HeaderList
): Request[] {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  return [{ method: "POST", path, headers, body: bytes }];
}

/** A body that can be sent again, and whose length is not told. */
export function inPieces(...pieces: readonly string[]): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      yield* pieces.map((piece) => Buffer.from(piece));
    },
  };
}

/** For a way whose result is the whole response: what had no length has one. */
export function counted({ headers, ...answer }: Answer): Answer {
  return { ...answer, headers: { ...headers, "content-length": [String(answer.body.length)] } };
}
