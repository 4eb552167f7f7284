import { expect, test } from "vitest";
import { said } from "../../bench/lambda/driver.ts";
import { ask, start } from "../../bench/run/process.ts";

test("a question to a process that has ended is refused", async () => {
  const module = new URL("../../bench/run/server-child.ts", import.meta.url);
  const child = start(module, ["data:text/javascript,process.exit(3)"]);
  await expect(ask(child, "hello")).rejects.toThrow("has ended: 3");
  await expect(ask(child, "hello")).rejects.toThrow("has ended: 3");
});

test("results of Lambda with other types are other answers", () => {
  const result = { statusCode: 200, body: "{}" };
  expect(said({ ...result, headers: { "Content-Type": "application/json; charset=utf-8" } })).toBe(
    said({ ...result, multiValueHeaders: { "content-type": ["application/json"] } }),
  );
  expect(said({ ...result, headers: { "content-type": "text/plain" } })).not.toBe(
    said({ ...result, headers: { "content-type": "application/json" } }),
  );
});
