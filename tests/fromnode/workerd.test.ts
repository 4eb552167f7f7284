import { expect } from "vitest";
import { testOn } from "../known-failures.ts";
import { textOf } from "../targets/target.ts";
import { bootWorkerd } from "../targets/workerd.ts";

testOn("workerd")("a Node listener is answered for by a Worker", async () => {
  const flags = ["nodejs_compat", "enable_request_signal"];
  const worker = await bootWorkerd({ compatibilityFlags: flags }, "../fromnode/worker.ts");
  try {
    const response = await worker.send({ path: "/" });
    expect([response.status, await textOf(response)]).toEqual([200, "of a listener"]);
  } finally {
    await worker.close();
  }
});
