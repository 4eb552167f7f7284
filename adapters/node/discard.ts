import { DISCARD_TIMEOUT, MAX_DISCARDED_BODY } from "../process/mod.ts";
import type { NodeRequest } from "./client.ts";

/**
 * Reads what nobody wants of a request body, within a bound of bytes and of time.
 *
 * @param done Called once, and told whether the body has come to its end.
 */
export function discard(request: NodeRequest, done: (whole: boolean) => void): void {
  let size = 0;
  const count = (chunk: Uint8Array): void => {
    size += chunk.length;
    if (size > MAX_DISCARDED_BODY) {
      finish(false);
    }
  };
  const end = (): void => finish(request.complete);
  const timer = setTimeout(() => finish(false), DISCARD_TIMEOUT);
  timer.unref();
  request.on("data", count);
  request.once("end", end);
  request.once("close", end);
  request.resume();

  function finish(whole: boolean): void {
    clearTimeout(timer);
    request.off("data", count);
    request.off("end", end);
    request.off("close", end);
    request.pause();
    done(whole);
  }
}
