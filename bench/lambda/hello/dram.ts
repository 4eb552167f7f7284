import { text } from "dram";
import { type LambdaHandler, toLambda } from "dram/lambda";

export const handler: LambdaHandler = toLambda((_environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain; charset=utf-8"]]);
  return text("Hello, world\n");
});
