import { conform } from "dram/conformance";
import { afterAll, beforeAll, describe } from "vitest";
import { type Bootable, targets } from "./conformance/targets.ts";
import { testOn } from "./known-failures.ts";

const runs = targets.flatMap((target) => [
  { target, mount: "" },
  { target, mount: "/mnt" },
]);

describe.each(runs)("$target.name below '$mount'", ({ target, mount }) => {
  let running: Awaited<ReturnType<Bootable["boot"]>>;

  beforeAll(async () => {
    running = await target.boot(mount);
  });

  afterAll(() => running?.close());

  const { boot: _, ...facts } = target;
  conform(
    {
      ...facts,
      mount,
      get origin() {
        return running.origin;
      },
      get log() {
        return running.log;
      },
      send: (request) => running.send(request),
      connect: () => running.connect?.() ?? Promise.reject(new Error("no socket")),
    },
    testOn(target.name),
  );
});
