// The strings of environ are native strings: each character, U+0000 to U+00FF, stands for one
// byte. These functions go from there to text and to links, and back.

/** The text whose UTF-8 bytes `native` holds, or `native` itself where the bytes are not UTF-8. */
export function decode(native: string): string {
  const bytes = Uint8Array.from(native, (byte) => byte.charCodeAt(0));
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return native;
  }
}

/** One character per byte. */
export function toNative(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/** A path as it stands in a link: every byte that may not stand there as `%XX`. */
export function quote(native: string): string {
  return native.replace(/[^\w\-.~/]/g, (byte) => {
    return `%${byte.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase()}`;
  });
}

/**
 * The fields of a query string or of a posted form, as text.
 *
 * @param encoded `a=1&b=2`, percent-encoded, as a native string.
 */
export function parseForm(encoded: string): Map<string, string> {
  const field = (part: string) => decode(unquote(part.replaceAll("+", " ")));
  const fields = new Map<string, string>();
  for (const pair of encoded.split("&")) {
    const [name = "", ...value] = pair.split("=");
    fields.set(field(name), field(value.join("=")));
  }
  return fields;
}

/** Each `%XX` as the byte it stands for; anything else as it is. */
function unquote(native: string): string {
  return native.replace(/%([0-9a-f]{2})/gi, (_, hex) => {
    return String.fromCharCode(Number.parseInt(hex, 16));
  });
}
