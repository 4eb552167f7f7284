/**
 * The snapshot of a memory, whole again.
 *
 * @param stored 4 bytes, the length of the whole; 4 bytes, the number of runs; for each run 4 bytes
 *   offset and 4 bytes length; then the bytes of the runs. What lies between them is zero. Numbers
 *   are little-endian.
 */
export function unpackMemory(stored: Uint8Array): Uint8Array {
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  const memory = new Uint8Array(view.getUint32(0, true));
  const runs = view.getUint32(4, true);
  let position = 8 + runs * 8;
  for (let run = 0; run < runs; run++) {
    const offset = view.getUint32(8 + run * 8, true);
    const length = view.getUint32(12 + run * 8, true);
    memory.set(stored.subarray(position, position + length), offset);
    position += length;
  }
  return memory;
}
