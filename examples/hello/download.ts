import type { Application } from "dram";

const CHUNK = 65_536;
const CHUNKS = 160;

/** A file of 10 MiB that exists nowhere: each chunk is made when the client has room for it. */
export const download: Application = (_environ, startResponse) => {
  startResponse("200 OK", [
    ["Content-Type", "application/octet-stream"],
    ["Content-Length", String(CHUNK * CHUNKS)],
    ["Content-Disposition", 'attachment; filename="ten-megabytes.bin"'],
  ]);
  return chunks();
};

function* chunks(): Generator<Uint8Array> {
  for (let n = 0; n < CHUNKS; n += 1) {
    // A new array each time: a chunk belongs to the gateway once it is yielded.
    yield new Uint8Array(CHUNK).fill(n);
  }
}
