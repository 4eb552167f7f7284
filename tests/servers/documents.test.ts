import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const DOCUMENTS = ["docs/deploy/apache.md", "docs/deploy/nginx.md"];
const SHOWN = /(?<=<!-- (examples\/\S+) -->\n\n```\w+\n)[\s\S]*?(?=```)/g;

// `npm run conformance` writes them instead.
test.each(DOCUMENTS)("%s shows the files that the tests run", (document) => {
  const path = join(ROOT, document);
  const text = readFileSync(path, "utf8");
  const right = text.replace(SHOWN, (_, file: string) => readFileSync(join(ROOT, file), "utf8"));
  if (process.env.UPDATE_DOCUMENTS) {
    writeFileSync(path, right);
  } else {
    expect(text).toBe(right);
  }
});

test("every configuration in examples is shown", () => {
  const files = globSync("examples/{apache,nginx,systemd}/*", { cwd: ROOT }).toSorted();
  const shown = DOCUMENTS.flatMap((document) =>
    Array.from(readFileSync(join(ROOT, document), "utf8").matchAll(SHOWN), ([, file]) => file),
  );
  expect(shown.toSorted()).toEqual(files);
});
