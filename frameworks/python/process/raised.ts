import { PythonException } from "../failure.ts";
import { parse } from "./frames.ts";

/** What Python has raised, of a frame that tells it. */
export function raised(content: Uint8Array): PythonException {
  const told = parse(content);
  const [type, message, traceback] = (Array.isArray(told) ? told : []).map(String);
  return new PythonException(type ?? "", message ?? "", traceback ?? "", false);
}
