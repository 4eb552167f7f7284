/** Bytes that are looked at at once: the pages of a memory that was never used are all zero. */
const PAGE = 4096;

/**
 * A snapshot of a memory without its zeros, in the form that output/memory.ts reads. A third of a
 * snapshot is zeros, and it is quicker not to read them than to unpack them.
 */
export function packMemory(memory: Uint8Array): Uint8Array {
  const runs = runsOf(memory);
  const size = runs.reduce((total, run) => total + run.length, 0);
  const packed = new Uint8Array(8 + runs.length * 8 + size);
  const view = new DataView(packed.buffer);
  view.setUint32(0, memory.length, true);
  view.setUint32(4, runs.length, true);
  let position = 8 + runs.length * 8;
  for (const [index, run] of runs.entries()) {
    view.setUint32(8 + index * 8, run.byteOffset - memory.byteOffset, true);
    view.setUint32(12 + index * 8, run.length, true);
    packed.set(run, position);
    position += run.length;
  }
  return packed;
}

/** The parts of a memory that are not zero, as long as they can be. */
function runsOf(memory: Uint8Array): Uint8Array[] {
  const runs: Uint8Array[] = [];
  let start: number | undefined;
  for (let offset = 0; offset < memory.length; offset += PAGE) {
    if (memory.subarray(offset, offset + PAGE).some((byte) => byte !== 0)) {
      start ??= offset;
    } else if (start !== undefined) {
      runs.push(memory.subarray(start, offset));
      start = undefined;
    }
  }
  if (start !== undefined) {
    runs.push(memory.subarray(start));
  }
  return runs;
}
