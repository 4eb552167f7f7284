import { isHttp2, type NodeResponse } from "./client.ts";

/**
 * Whether Node has left it to us to send `100 Continue`, as it does where its server has a listener
 * of "checkContinue". For HTTP/1.1 it tells so by these two fields alone.
 */
export function awaitsContinue(response: NodeResponse): boolean {
  if (isHttp2(response)) {
    return (
      response.req.headers.expect === "100-continue" &&
      (response.stream.sentInfoHeaders ?? []).length === 0
    );
  }
  return (
    "_expect_continue" in response &&
    response._expect_continue === true &&
    "_sent100" in response &&
    response._sent100 === false
  );
}
