import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testOn } from "../../known-failures.ts";
import { bytesOf, header, type Target, textOf, until } from "../../targets/target.ts";
import { COMPLAINT } from "./complaint.ts";
import { FORMS, type Form } from "./forms.ts";
import { node, TARGETS } from "./targets.ts";

describe.each(TARGETS)("$name", ({ name, only, boot }) => {
  let target: Target;

  beforeAll(async () => {
    target = await boot("forms:valid");
  });

  afterAll(() => target?.close());

  test("it is wsgiref.validate that calls the application", async () => {
    const answer = await target.send({ path: "/validated" });
    expect(await textOf(answer)).toBe("wsgiref.validate.InputWrapper");
  });

  describe("wsgiref.validate has nothing to say of", () => {
    for (const [fact, form] of Object.entries(FORMS)) {
      if (only?.includes(fact) ?? true) {
        testOn(`python on ${name}`)(fact, () => judge(target, form));
      }
    }
  });

  test("wsgiref.validate sees a fault of the application's", async () => {
    const before = target.log.length;
    const answer = await target.send({ path: "/no-type" });
    expect(answer.status).toBe(500);
    await textOf(answer);
    await until(() => target.log.slice(before).some((line) => line.includes("No Content-Type")));
  });
});

describe("wsgiref.validate complains of a gateway that", () => {
  let target: Target;

  beforeAll(async () => {
    target = await node.boot("forms:broken");
  });

  afterAll(() => target?.close());

  test.each([
    ["leaves out SERVER_NAME", "no-server-name", "missing required key: 'SERVER_NAME'"],
    ["gives SERVER_PORT as a number", "port-is-a-number", "SERVER_PORT is not a string"],
    ["gives wsgi.version as a list", "version-is-a-list", "wsgi.version should be a tuple"],
    ["gives a PATH_INFO without a slash", "path-without-slash", "PATH_INFO doesn't start with /"],
    ["gives HTTP_CONTENT_LENGTH", "content-length-as-header", "should not have the key"],
  ])("%s", async (_, fault, complaint) => {
    const before = target.log.length;
    const answer = await target.send({ path: `/${fault}` });
    expect(answer.status).toBe(500);
    expect(await textOf(answer)).toBe("Internal Server Error\n");
    await until(() => target.log.slice(before).some((line) => line.includes(complaint)));
  });

  test("only then", async () => {
    const answer = await target.send({ path: "/nothing" });
    expect(await textOf(answer)).toBe("one block");
  });
});

async function judge(target: Target, form: Form): Promise<void> {
  const before = target.log.length;
  const lines = () => target.log.slice(before);
  const answer = await target.send(form);
  if (form.breaks === undefined) {
    const body = await bytesOf(answer);
    expect(answer.status, lines().join("\n")).toBe(form.status ?? 200);
    if (form.reason !== undefined) {
      expect(answer.reason).toBe(form.reason);
    }
    for (const [name, values] of Object.entries(form.answered ?? {})) {
      expect(header(answer, name), name).toEqual(values);
    }
    if (form.text !== undefined) {
      expect(body.toString("latin1")).toBe(form.text);
    }
    if (form.environ !== undefined) {
      expect(JSON.parse(body.toString())).toMatchObject(form.environ);
    }
  } else {
    await expect(bytesOf(answer)).rejects.toThrow();
    await until(() => lines().some((line) => line.includes(form.breaks ?? "")));
  }
  for (const logged of form.logged ?? []) {
    await until(() => lines().some((line) => line.includes(logged)));
  }
  expect(lines().filter((line) => COMPLAINT.test(line))).toEqual([]);
}
