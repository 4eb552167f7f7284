import type { ByteSource } from "./input.ts";

/** A request body that comes as one chunk. `read` is called once, when the body is first read. */
export function wholeSource(read: () => Uint8Array | Promise<Uint8Array>): ByteSource {
  let done = false;
  return {
    async read() {
      if (done) {
        return null;
      }
      done = true;
      return read();
    },
    cancel() {},
  };
}
