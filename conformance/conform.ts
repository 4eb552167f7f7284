import type { Identity } from "./application.ts";
import { cases } from "./cases/mod.ts";
import { equal, ok, until } from "./check.ts";
import { createClient } from "./client.ts";
import type { Entry } from "./ledger.ts";
import { textOf } from "./reply.ts";
import type { Case, Outcome, Register, Target } from "./types.ts";

/**
 * Registers every case with a test runner: `conform(target, test)`.
 *
 * The target must run `application` of this module. Nothing is sent before the first registered
 * test runs, so that a runner's own hooks may start the target. Tests have to run one after
 * another: what is uncaught in the target is put down to the case under way.
 *
 * @returns How each case went, filled as the tests run; what does not apply is there at once.
 */
export function conform(target: Target, register: Register): readonly Outcome[] {
  const outcomes: Outcome[] = [];
  register("the target is what it says it is", () => identify(target));
  for (const one of cases) {
    const { id, name } = one;
    const missing = one.needs?.find((feature) => target.lacks[feature] !== undefined);
    if (missing !== undefined) {
      const reason = target.lacks[missing] ?? "";
      outcomes.push({ id, name, result: "not applicable", reason });
      continue;
    }
    register(`${id} ${name}`, async () => {
      try {
        await runCase(target, one);
        outcomes.push({ id, name, result: "passed" });
      } catch (error) {
        outcomes.push({ id, name, result: "failed", reason: String(error) });
        throw error;
      }
    });
  }
  return outcomes;
}

/** A run against the wrong runtime, or with a gap that is none, proves nothing. */
async function identify(target: Target): Promise<void> {
  const reply = await createClient(target, "identity", "").send({ path: "/" });
  const found: Identity = JSON.parse(await textOf(reply));
  ok(
    found.userAgent.startsWith(target.runtime),
    `navigator.userAgent: found ${found.userAgent}, wanted ${target.runtime}...`,
  );
  ok(
    found.software.includes(target.software),
    `SERVER_SOFTWARE: found ${found.software}, wanted it to name ${target.software}`,
  );
  equal(found.protocol, target.protocol ?? "HTTP/1.1", "SERVER_PROTOCOL");
  equal(found.scheme, new URL(target.origin).protocol.slice(0, -1), "wsgi.url_scheme");
  equal(found.scriptName, target.mount ?? "", "SCRIPT_NAME");
  for (const [name, has] of Object.entries(found.capabilities)) {
    if (target.front === undefined || !has) {
      equal(
        has,
        !(name in target.lacks),
        `dram.capabilities.${name}, which the target's lacks say`,
      );
    }
  }
}

async function runCase(target: Target, { id, calls, exchange }: Case): Promise<void> {
  const run = `${id}-${crypto.randomUUID()}`;
  const client = createClient(target, id, run);
  await exchange(client);
  let entry: Entry | undefined;
  const settled = async (): Promise<boolean> => {
    entry = await ledgerOf(target, run);
    return entry.closes.every((count) => count > 0);
  };
  await until(settled, "close() of every body");
  ok(entry !== undefined, "the target answers the next request");
  equal(
    entry.closes.filter((count) => count !== 1),
    [],
    "bodies closed more than once",
  );
  equal(entry.faults, [], "rules that environ breaks");
  equal(entry.uncaught, [], "what nobody caught in the target");
  equal(entry.calls, calls ?? client.sent, "calls of the application");
}

async function ledgerOf(target: Target, run: string): Promise<Entry> {
  const reply = await createClient(target, "ledger", run).send({ path: "/" });
  equal(reply.status, 200, "the status of the request after the case");
  return JSON.parse(await textOf(reply));
}
