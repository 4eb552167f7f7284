import { nativeFromText, textFromNative } from "../../core/mod.ts";

/** A native string as this runtime's `Headers` take it. */
export function toPlatform(native: string): string {
  return ASCII.test(native) || !headersAreText() ? native : (textFromNative(native) ?? native);
}

/** A header value or reason phrase of this runtime's as a native string. */
export function toNative(value: string): string {
  return ASCII.test(value) || !headersAreText() ? value : nativeFromText(value);
}

const ASCII = /^[\0-\x7f]*$/;
let areText: boolean | undefined;

/** Whether `Headers` hold text, sent as UTF-8, as workerd has it; in the standard they hold bytes. */
function headersAreText(): boolean {
  if (areText === undefined) {
    try {
      areText = new Headers([["x", "\u0100"]]).has("x");
    } catch {
      areText = false;
    }
  }
  return areText;
}
