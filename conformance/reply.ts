import type { HeaderList } from "../core/mod.ts";
import type { Reply } from "./types.ts";

/** All values of a header, in order. */
export function valuesOf(reply: { readonly headers: HeaderList }, lowerName: string): string[] {
  return reply.headers.filter(([name]) => name === lowerName).map(([, value]) => value);
}

/** The values of a header, joined; `undefined` if there is none. */
export function header(
  reply: { readonly headers: HeaderList },
  lowerName: string,
): string | undefined {
  const values = valuesOf(reply, lowerName);
  return values.length === 0 ? undefined : values.join(", ");
}

/** The whole body. Rejects if it breaks off. */
export async function bytesOf(reply: Reply): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of reply.chunks) {
    chunks.push(chunk);
  }
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

/** The whole body, decoded as UTF-8. */
export async function textOf(reply: Reply): Promise<string> {
  return new TextDecoder().decode(await bytesOf(reply));
}
