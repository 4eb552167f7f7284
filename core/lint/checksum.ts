/** FNV-1a over bytes, continued from an earlier sum. Tells changes, stops no attack. */
export function checksum(bytes: Uint8Array, sum = 0x811c9dc5): number {
  let hash = sum;
  for (const byte of bytes) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash;
}
