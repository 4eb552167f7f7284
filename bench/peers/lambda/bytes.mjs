/** What `/bytes` answers. */
export const BYTES = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 7) & 0xff);
