import type { PythonProcessOptions } from "dram/from/python/process";
import { fromPythonProcess, pythonProcessAsgi } from "dram/from/python/process";
import { describe, expect, test } from "vitest";

describe.each([
  ["fromPythonProcess", fromPythonProcess],
  ["pythonProcessAsgi", pythonProcessAsgi],
])("%s", (_name, make) => {
  test.each<[object, string]>([
    [{}, 'option app is undefined; wanted a string such as "module:attribute"'],
    [{ app: "app.py" }, 'option app is "app.py"; wanted a string such as "module:attribute"'],
    [{ app: "a:b", python: "" }, 'option python is ""; wanted the path of a program'],
    [{ app: "a:b", site: "folder" }, 'option site is "folder"; wanted a list of folders'],
    [{ app: "a:b", cwd: 1 }, "option cwd is 1; wanted the path of a folder"],
    [{ app: "a:b", environment: { A: 1 } }, "wanted an object of strings"],
    [{ app: "a:b", workers: 0 }, "option workers is 0; wanted a number of processes, at least 1"],
    [{ app: "a:b", timeout: 0.5 }, "option timeout is 0.5; wanted a whole number of milliseconds"],
    [
      { app: "a:b", errors: {} },
      "option errors is an Object; wanted an object with write, writelines and flush",
    ],
  ])("refuses %j", (options, message) => {
    const call = () => make(options as PythonProcessOptions);
    expect(call).toThrow(expect.objectContaining({ code: "ERR_OPTION" }));
    expect(call).toThrow(message);
  });
});
