import { http1Transport } from "dram/conformance/transport";
import { expect, test } from "vitest";
import type { Gateway } from "../../scripts/lambda/gateway.ts";
import { gateways } from "../../scripts/lambda/gateways.ts";
import { bootLambda } from "../targets/lambda.ts";
import { textOf } from "../targets/target.ts";

test.each(["rest", "http"])(
  "the stage of %s is the mount point of the application",
  async (name) => {
    const target = await bootLambda({
      gateway: gateways[name] as Gateway,
      module: new URL("../conformance/lambda.ts", import.meta.url),
      stage: "prod",
    });
    try {
      const { send } = http1Transport(`http://127.0.0.1:${target.port}`);
      const reply = await send({ path: "/prod/x", headers: [["X-Dram-Case", "identity"]] });
      expect(JSON.parse(await textOf(reply))).toMatchObject({ scriptName: "/prod" });
    } finally {
      await target.close();
    }
  },
);
