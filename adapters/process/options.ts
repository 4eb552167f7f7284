import { checkOption } from "../../core/mod.ts";

/**
 * Checks one option, if it is given.
 *
 * @param wanted In words, for the message.
 * @throws {DramError} `ERR_OPTION`, naming the option, what was found and what was wanted.
 */
export function checkGiven<Options extends object>(
  options: Options,
  name: keyof Options & string,
  right: (value: unknown) => boolean,
  wanted: string,
): void {
  const value: unknown = options[name];
  checkOption(name, value, () => value === undefined || right(value), wanted);
}

export function isPort(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535;
}

export function isTime(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0;
}

export function isName(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

export function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

export function isBoolean(value: unknown): boolean {
  return typeof value === "boolean";
}
