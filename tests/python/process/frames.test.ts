import { describe, expect, test } from "vitest";
import {
  encodeFrame,
  FRAME,
  type Frame,
  FrameReader,
  numberAt,
  pack,
  parse,
  unpack,
} from "../../../frameworks/python/process/frames.ts";
import { MAX_FRAME } from "../../../frameworks/python/process/limits.ts";

const FRAMES: readonly Frame[] = [
  { type: FRAME.ready, id: 0, content: bytes("") },
  { type: FRAME.chunk, id: 1, content: bytes("chunk") },
  { type: FRAME.ended, id: 0xffff_ffff, content: bytes("") },
];

const STREAM = Buffer.concat(FRAMES.map(({ type, id, content }) => encodeFrame(type, id, content)));

describe("frames", () => {
  test("are type, request and length in network order, and content", () => {
    expect(encodeFrame("B", 0x01020304, bytes("ab"), bytes("c"))).toEqual(
      Buffer.from([0x42, 1, 2, 3, 4, 0, 0, 0, 3, 0x61, 0x62, 0x63]),
    );
  });

  test("are read wherever they are split", () => {
    for (let at = 0; at <= STREAM.length; at++) {
      const reader = new FrameReader();
      const read = [...reader.push(STREAM.subarray(0, at)), ...reader.push(STREAM.subarray(at))];
      expect(read.map(plain), `split at ${at}`).toEqual(FRAMES.map(plain));
    }
  });

  test("are read byte by byte", () => {
    const reader = new FrameReader();
    const read = [...STREAM].flatMap((byte) => reader.push(new Uint8Array([byte])));
    expect(read.map(plain)).toEqual(FRAMES.map(plain));
  });

  test("are read as soon as they are complete", () => {
    const reader = new FrameReader();
    expect(reader.push(STREAM.subarray(0, 10)).map(plain)).toEqual([plain(FRAMES[0])]);
  });

  test("of too many bytes are refused at their header, before any of the bytes have come", () => {
    const header = Buffer.from([0x42, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff]);
    expect(() => new FrameReader().push(header)).toThrow(
      "a frame of the worker has 4294967295 bytes; wanted 8388608 at most",
    );
    header.writeUInt32BE(MAX_FRAME, 5);
    expect(new FrameReader().push(header)).toEqual([]);
    header.writeUInt32BE(MAX_FRAME + 1, 5);
    expect(() => new FrameReader().push(header)).toThrow("has 8388609 bytes");
  });

  test("of too many bytes are not sent", () => {
    expect(() => encodeFrame("Q", 1, new Uint8Array(MAX_FRAME), bytes("x"))).toThrow(
      "a frame to the worker has 8388609 bytes; wanted 8388608 at most",
    );
  });
});

describe("parcels", () => {
  test("are a length, a text in UTF-8, and bytes", () => {
    expect(Buffer.concat(pack('"\u00e9"', bytes("xy")))).toEqual(
      Buffer.from([0, 0, 0, 4, 0x22, 0xc3, 0xa9, 0x22, 0x78, 0x79]),
    );
  });

  test("come back as the value and the bytes", () => {
    const [value, content] = unpack(Buffer.concat(pack('["\u00e9",null]', bytes("xy"))));
    expect([value, Buffer.from(content).toString()]).toEqual([["\u00e9", null], "xy"]);
  });

  test("that are cut off anywhere in their text are refused", () => {
    const whole = Buffer.concat(pack('["status"]', bytes("")));
    for (let at = 0; at < whole.length; at++) {
      expect(() => unpack(whole.subarray(0, at)), `cut at ${at}`).toThrow("is cut off");
    }
  });

  test("of what is no JSON are refused", () => {
    expect(() => parse(bytes("{"))).toThrow("the worker has sent what is no JSON");
  });

  test("have numbers of four bytes", () => {
    expect(numberAt(Buffer.from([0, 0xff, 0xee, 0xdd, 0xcc]), 1)).toBe(0xffeeddcc);
  });
});

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function plain(frame: Frame | undefined): unknown {
  return { ...frame, content: Buffer.from(frame?.content ?? []).toString() };
}
