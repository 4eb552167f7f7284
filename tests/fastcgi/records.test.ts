import { describe, expect, test } from "vitest";
import { RecordReader } from "../../adapters/fastcgi/records.ts";
import { begin, PARAMS, record, STDIN } from "../targets/fastcgi-client.ts";

/** A body in two records, and what stands around it, with padding of every kind. */
const ALL = Buffer.concat([
  begin(3),
  record(PARAMS, 3, "params", 2),
  record(PARAMS, 3, "", 7),
  record(STDIN, 3, "abc", 5),
  record(STDIN, 3, "de"),
  record(STDIN, 3, "", 3),
  begin(4),
]);

const RECORDS = ["1 3: 8", "4 3: params", "4 3: ", "5 3: abc", "5 3: de", "5 3: ", "1 4: 8"];

/** Type, request and content of the records that pieces come to, those of one body joined. */
function read(reader: RecordReader, pieces: readonly Uint8Array[]): string[] {
  const records: string[] = [];
  for (const { type, id, content } of pieces.flatMap((piece) => reader.push(piece))) {
    const text = type === 1 ? String(content.length) : Buffer.from(content).toString("latin1");
    records.push(`${type} ${id}: ${text}`);
  }
  return records;
}

describe("records", () => {
  test("that come together are cut", () => {
    expect(read(new RecordReader(), [ALL])).toEqual(RECORDS);
  });

  test("are the same wherever they are split", () => {
    for (let first = 0; first <= ALL.length; first++) {
      for (let second = first; second <= ALL.length; second++) {
        const reader = new RecordReader();
        const pieces = [
          ALL.subarray(0, first),
          ALL.subarray(first, second),
          ALL.subarray(second),
        ].filter(({ length }) => length > 0);
        const records = read(reader, pieces);
        const body = records.filter((text) => /^5 3: ./.test(text));
        expect(body.map((text) => text.slice(5)).join(""), `${first}, ${second}`).toBe("abcde");
        const rest = (text: string) => !/^5 3: ./.test(text);
        expect(records.filter(rest), `${first}, ${second}`).toEqual(RECORDS.filter(rest));
        expect(reader.isInside).toBe(false);
      }
    }
  });

  test("are the same byte by byte", () => {
    const bytes = Array.from(ALL, (_, at) => ALL.subarray(at, at + 1));
    expect(read(new RecordReader(), bytes)).toEqual([
      ...["1 3: 8", "4 3: params", "4 3: "],
      ...["5 3: a", "5 3: b", "5 3: c", "5 3: d", "5 3: e", "5 3: "],
      "1 4: 8",
    ]);
  });

  test.each([
    ["in the header", 4, true],
    ["in the content", 10, true],
    ["in the padding", 13, true],
    ["behind the padding", 16, false],
  ])("of STDIN %s are told to be under way: %#", (_, length, isInside) => {
    const reader = new RecordReader();
    reader.push(record(STDIN, 3, "abc", 5).subarray(0, length));
    expect(reader.isInside).toBe(isInside);
  });

  test("of STDIN are given as they come, and not copied", () => {
    const reader = new RecordReader();
    const bytes = record(STDIN, 3, "abcde");
    const [first] = reader.push(bytes.subarray(0, 10));
    const rest = bytes.subarray(10);
    const [second] = reader.push(rest);
    expect(first?.content).toEqual(Buffer.from("ab"));
    expect(second?.content).toEqual(Buffer.from("cde"));
    expect(second?.content.buffer).toBe(rest.buffer);
    expect(second?.content.byteOffset).toBe(rest.byteOffset);
  });
});
