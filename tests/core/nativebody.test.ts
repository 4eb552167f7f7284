import { type GatewayResponse, isStream, nativeBody, run } from "dram";
import { expect, test } from "vitest";
import { environOf, gateway, latin1, native } from "./helpers.ts";

const response = { kind: "a response of the platform's" };
const said = {
  status: "200 OK",
  headers: [],
  body: {
    async *[Symbol.asyncIterator]() {
      yield latin1("in chunks");
    },
  },
};

async function answer(changes: Record<string, unknown>): Promise<GatewayResponse> {
  return run(
    (_environ, startResponse) => {
      startResponse("200 OK", []);
      return nativeBody(response, said);
    },
    Object.assign(environOf(), changes),
    gateway(),
  );
}

test("a native body is its response to a gateway that takes one", async () => {
  const taken = await answer({ "dram.native_response": nativeBody });
  expect(taken.native).toEqual({ response, isWhole: true });
  expect(taken.body).toBeNull();
});

test("a native body is iterated by a gateway that takes none", async () => {
  const { native: taken, body } = await answer({});
  expect(taken).toBeUndefined();
  expect(native((isStream(body) && (await body.next())) || latin1(""))).toBe("in chunks");
});
