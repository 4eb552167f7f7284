import { checkHeaders, type HeaderList } from "dram";
import { describe, expect, test } from "vitest";

describe("checkHeaders names its caller", () => {
  test.each<[list: unknown, message: string]>([
    ["Link", "early_hints: headers is a string; wanted an array of [name, value] pairs"],
    [[["Link"]], "early_hints: headers[0] is an array of 1; wanted [name, value]"],
    [[[1, "a"]], "early_hints: the name of headers[0] is a number; wanted a string"],
    [[["Link", 1]], 'early_hints: the value of "Link" is a number; wanted a string'],
    [[["TE", "a"]], 'early_hints: "TE" is hop-by-hop and the gateway\'s own affair; leave it out'],
    [
      [["Status", "a"]],
      'early_hints: "Status" is no HTTP header; give the status as the first argument of startResponse',
    ],
    [
      [["Content-Length", "a"]],
      'early_hints: Content-Length is "a"; wanted a count of bytes in digits',
    ],
  ])("%j", (list, message) => {
    expect(() => checkHeaders(list, "refuse", "early_hints")).toThrow(message);
  });

  test("and copies the list", () => {
    const given: HeaderList = [["Link", "</a>"]];
    const { list } = checkHeaders(given, "refuse", "early_hints");
    expect(list).toEqual(given);
    expect(list[0]).not.toBe(given[0]);
  });
});
