import { ignore } from "../thenable.ts";
import type { Environ, ErrorStream, InputStream } from "../types.ts";
import type { Call } from "./call.ts";

/** Puts checked streams into environ for as long as the application has it. */
export function observeStreams(call: Call, environ: Environ): void {
  const input = observeInput(
    call,
    environ["wsgi.input"],
    environ["wsgi.input_terminated"] === true,
  );
  call.relate(input);
  replace(call, environ, "wsgi.input", input);
  replace(call, environ, "wsgi.errors", observeErrors(call, environ["wsgi.errors"]));
}

/** Put back when the call is done, so that another application may be asked after this one. */
function replace(call: Call, environ: Environ, key: string, stream: unknown): void {
  const original = environ[key];
  environ[key] = stream;
  call.whenDone(() => {
    // Read without a getter's notice: stress mode sets traps.
    if (Object.getOwnPropertyDescriptor(environ, key)?.value === stream) {
      // Not assigned: the application may have frozen it.
      Reflect.set(environ, key, original);
    }
  });
}

/** Of the same methods as the interface has, and `close` to say that it has none. */
type Closed<Stream> = Stream & { close(): void };

function observeInput(call: Call, input: InputStream, terminated: boolean): Closed<InputStream> {
  function observe<Result>(
    method: "read" | "read1" | "readline" | "readlines",
    parameters: readonly unknown[],
    read: () => Promise<Result>,
  ): Promise<Result> {
    const result = watch(call, async () => {
      call.ask("read", { method, parameters, terminated, ended: call.done });
      const bytes = await read();
      call.ask("bytes", { method, size: parameters[0], result: bytes });
      return bytes;
    });
    // Not awaited, it must end the process no more than the gateway's own would.
    result.catch(ignore);
    return result;
  }
  const read1 = input.read1?.bind(input);
  return {
    ...(read1 && {
      read1: (...parameters) => observe("read1", parameters, () => read1(...parameters)),
    }),
    read: (...parameters) => observe("read", parameters, () => input.read(...parameters)),
    readline: (...parameters) =>
      observe("readline", parameters, () => input.readline(...parameters)),
    readlines: (...parameters) =>
      observe("readlines", parameters, () => input.readlines(...parameters)),
    async *[Symbol.asyncIterator]() {
      for await (const line of input) {
        call.ask("bytes", { method: "readline", size: undefined, result: line });
        yield line;
      }
    },
    close: () => call.ask("member", { stream: "wsgi.input", member: "close" }),
  };
}

async function watch<Result>(call: Call, read: () => Promise<Result>): Promise<Result> {
  call.pendingReads++;
  try {
    return await read();
  } finally {
    call.pendingReads--;
  }
}

function observeErrors(call: Call, errors: ErrorStream): Closed<ErrorStream> {
  return {
    write(...parameters) {
      const [text] = parameters;
      call.ask("log", { method: "write", text });
      return errors.write(...parameters);
    },
    writelines(texts) {
      // A log may swallow what an iterable throws.
      let failure: { error: unknown } | undefined;
      errors.writelines(
        (function* () {
          for (const text of texts) {
            try {
              call.ask("log", { method: "writelines", text });
            } catch (error) {
              failure = { error };
              return;
            }
            yield text;
          }
        })(),
      );
      if (failure !== undefined) {
        throw failure.error;
      }
    },
    flush: () => errors.flush(),
    close: () => call.ask("member", { stream: "wsgi.errors", member: "close" }),
  };
}
