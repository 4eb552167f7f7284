import { pbkdf2Sync, scryptSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DramError } from "dram";
import { fromPython, type PythonOptions, type PythonRuntime } from "dram/from/python";
import { client } from "dram/test";
import { loadPyodide } from "pyodide";
import { describe, expect, test } from "vitest";
import { pythonSources } from "../../scripts/python-source.ts";
import { apps } from "./apps.ts";
import { zip } from "./zip.ts";

describe("the options of fromPython", () => {
  test.each<[unknown, string]>([
    [undefined, 'fromPython was given undefined; wanted { app: "module:attribute" }'],
    [{}, 'option app is undefined; wanted a string such as "module:attribute"'],
    [{ app: "flaskapp" }, 'option app is "flaskapp"; wanted a string such as "module:attribute"'],
    [{ app: "a:b; import os" }, 'option app is "a:b; import os"; wanted'],
    [{ app: "a:b", sites: [] }, 'there is no option "sites"; wanted one of app, site'],
    [{ app: "a:b", site: "folder" }, 'option site is "folder"; wanted a list of paths and bytes'],
    [{ app: "a:b", site: [1] }, "option site is an Array; wanted a list of paths and bytes"],
    [{ app: "a:b", runtime: {} }, "option runtime is an Object; wanted an object with loadPyodide"],
    [
      { app: "a:b", environment: { A: 1 } },
      "option environment is an Object; wanted an object of strings",
    ],
    [
      { app: "a:b", input: "jspi" },
      'option input is "jspi"; wanted "auto", "stream" or "buffered"',
    ],
    [{ app: "a:b", concurrency: 4 }, 'option concurrency is 4; wanted "serial" or "interleave"'],
  ])("are checked: %j", (options, message) => {
    const call = () => fromPython(options as PythonOptions);
    expect(call).toThrow(expect.objectContaining({ code: "ERR_OPTION" }));
    expect(call).toThrow(message);
  });

  test.each(["a:b", "a.b.c:d.e", "a:b()", "größe:größe"])("take %s", (app) => {
    expect(fromPython({ app })).toBeTypeOf("function");
  });
});

describe("an application of Python's", () => {
  test("is found below an attribute", async () => {
    expect(await first({ app: "factories:Site.inner.app" })).toBe("Hello from Python");
  });

  test("may be made by a function, and sees its environment", async () => {
    const options = { app: "factories:create()", environment: { COLOUR: "blue" } };
    expect(await first(options)).toBe('"blue"');
  });

  test("has its site in front of everything else on sys.path, in order", async () => {
    const site = [apps, dirname(apps)];
    expect(await first({ app: "factories:path", site })).toBe(
      '["/lib/dram/site/0", "/lib/dram/site/1"]',
    );
  });

  test("may come out of an archive", async () => {
    const archive = zip("zipped.py", "from spec import hello as app");
    expect(await first({ app: "zipped:app", site: [archive, apps] })).toBe("Hello from Python");
  });

  test("may come out of an archive by its path", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "dram-python-")), "zipped.whl");
    writeFileSync(path, zip("zipped.py", "from spec import hello as app"));
    expect(await first({ app: "zipped:app", site: [path, apps] })).toBe("Hello from Python");
    rmSync(dirname(path), { recursive: true });
  });

  test.each([
    ["broken:app", "ModuleNotFoundError: No module named 'missing_package'"],
    ["spec:absent", "AttributeError: module 'spec' has no attribute 'absent'"],
    ["factories:fail()", "LookupError: not configured"],
    ["factories:nothing", "TypeError: factories:nothing is None; wanted a WSGI application"],
  ])("that cannot be imported says why: %s", async (app, message) => {
    const python = fromPython({ app, site: [apps] });
    const error: unknown = await python.ready().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DramError);
    expect(error).toMatchObject({
      code: "ERR_PYTHON",
      message: "the application cannot be imported",
      cause: { stack: expect.stringContaining(message) },
    });
  });
});

test("input: stream is refused where WebAssembly cannot be suspended", async () => {
  const assembly = Reflect.get(globalThis, "WebAssembly");
  const suspending = Reflect.get(assembly, "Suspending");
  const runtime: PythonRuntime = {
    async loadPyodide(options) {
      Reflect.deleteProperty(assembly, "Suspending");
      try {
        return await loadPyodide(options);
      } finally {
        Reflect.set(assembly, "Suspending", suspending);
      }
    },
  };
  const python = fromPython({ app: "spec:app", site: [apps], runtime, input: "stream" });
  await expect(python.ready()).rejects.toMatchObject({ code: "ERR_OPTION" });
});

test("Python is started once for requests that come together, and by ready()", async () => {
  let count = 0;
  const runtime: PythonRuntime = {
    loadPyodide: (options) => {
      count += 1;
      return loadPyodide(options);
    },
  };
  const python = fromPython({ app: "spec:app", site: [apps], runtime });
  expect(count).toBe(0);
  const { get } = client(python);
  await Promise.all([python.ready(), get("/hello"), get("/hello")]);
  expect(count).toBe(1);
});

test("Python hashes with the runtime's own functions as the application is imported", async () => {
  const called: string[] = [];
  const runtime: PythonRuntime = {
    loadPyodide,
    crypto: {
      pbkdf2Sync(...values) {
        called.push("pbkdf2");
        return pbkdf2Sync(...values);
      },
      scryptSync(...values) {
        called.push("scrypt");
        return scryptSync(...values);
      },
    },
  };
  const python = fromPython({ app: "hashing:app", site: [apps], runtime });
  await python.ready();
  expect(called).toEqual(["pbkdf2", "scrypt"]);
  expect(await (await client(python).get("/")).text()).toMatch(
    /^120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b [\da-f]{64}$/,
  );
});

test("Python is started again after it could not be", async () => {
  let count = 0;
  const runtime: PythonRuntime = {
    loadPyodide: (options) => {
      count += 1;
      return count === 1 ? Promise.reject(new Error("no memory")) : loadPyodide(options);
    },
  };
  const python = fromPython({ app: "spec:app", site: [apps], runtime });
  await expect(python.ready()).rejects.toThrow("no memory");
  await python.ready();
  expect(count).toBe(2);
});

test.each(Object.entries(pythonSources()))("%s has the Python that is read", (path, text) => {
  const file = new URL(`../../${path}`, import.meta.url);
  expect(readFileSync(file, "utf8")).toBe(text);
});

/** The body of the first response. */
async function first(options: PythonOptions): Promise<string> {
  const response = await client(fromPython({ site: [apps], ...options })).get("/");
  return response.text();
}
