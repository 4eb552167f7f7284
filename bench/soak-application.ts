import type { Application, Environ } from "dram";

/** What became of the bodies so far. */
export const bodies: { started: number; closed: number } = { started: 0, closed: 0 };

const CHUNK = new Uint8Array(65_536);

/** `/abort`: a body without end. `/down?BYTES`: that many. `/up`: counts what it is sent. */
export const application: Application = async (environ, startResponse) => {
  if (environ.PATH_INFO === "/up") {
    let size = 0;
    const input = environ["wsgi.input"];
    for (let block = await input.read(65_536); block.length > 0; ) {
      size += block.length;
      block = await input.read(65_536);
    }
    startResponse("200 OK", []);
    return [new TextEncoder().encode(String(size))];
  }
  startResponse("200 OK", [["Content-Type", "application/octet-stream"]]);
  bodies.started++;
  return {
    [Symbol.asyncIterator]: () => chunks(environ),
    close() {
      bodies.closed++;
    },
  };
};

async function* chunks({ PATH_INFO, QUERY_STRING }: Environ): AsyncGenerator<Uint8Array> {
  const size = PATH_INFO === "/down" ? Number(QUERY_STRING) : Number.POSITIVE_INFINITY;
  for (let sent = 0; sent < size; sent += CHUNK.length) {
    yield CHUNK;
  }
}
