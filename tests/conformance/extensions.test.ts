import type { Body, Environ, FileLike, FileWrapper } from "dram";
import { expect, test } from "vitest";
import { changed, type Fault, run, set } from "./faulty.ts";
import { heads, unclosed, without } from "./faultyresponse.ts";

const FAULTS: readonly Fault[] = [
  ["X01", "closes the file twice", files(closingTwice), "close() of the file: found 2, wanted 1"],
  ["X02", "loses a block", files(skipping), "the length of the body: found 11708, wanted 19900"],
  ["X03", "goes past Content-Length", heads(without("content-length")), "the body: found bytes"],
  ["X04", "has a wrapper nobody can iterate", files(empty), 'found "", wanted "ONE TWO THREE"'],
  ["X05", "reads too early", files(eager), 'what was done with the file: found ["read"]'],
  ["X06", "loses the query", set({ QUERY_STRING: "" }), "the URLs of application and request"],
  ["X08", "refuses odd text", changed(refuseOddText), "status: found 500, wanted 200"],
  ["X09", "mixes requests", set({ HTTP_X_ID: "another" }), "header and body of each response"],
  ["X10", "checks no hints", set({ "wsgi.early_hints": ignore }), "status: found 500, wanted 200"],
  ["X11", "promises trailers", set({ "dram.trailers": ignore }), 'found "true", wanted "false"'],
  ["X12", "aborts too early", set({ "dram.signal": AbortSignal.abort() }), 'found "aborted: true"'],
  ["X13", "lets the work hang", changed(astray), "the work that was given to dram.wait_until"],
  ["X14", "breaks a rule", set({ HTTP_CONTENT_TYPE: "x" }), "the answer to /array: found [500,"],
  ["X15", "forgets close()", unclosed, "close() of the inner body: not within 2000 ms"],
  ["X17", "gives it always", set({ "dram.native_request": always }), 'found ["object","object"'],
];

test.each(FAULTS)("%s fails if the gateway %s", async (id, _fault, middleware, message) => {
  await expect(run(id, middleware)).rejects.toThrow(message);
});

test("without a fault they pass", async () => {
  // No gateway has native access yet, which X17 asks for.
  for (const [id] of FAULTS.filter(([other]) => other !== "X17")) {
    await run(id, (inner) => inner);
  }
});

/** Another `wsgi.file_wrapper`. */
function files(wrapper: FileWrapper): Fault[2] {
  return set({ "wsgi.file_wrapper": wrapper });
}

function closingTwice(file: FileLike, size = 8192): Body {
  return {
    ...blocksOf(file, size),
    close() {
      file.close?.();
      file.close?.();
    },
  };
}

function skipping(file: FileLike, size = 8192): Body {
  let reads = 0;
  return blocksOf(
    {
      ...file,
      async read(wanted) {
        if (reads++ === 0) {
          await file.read(wanted);
        }
        return file.read(wanted);
      },
    },
    size,
  );
}

function empty(file: FileLike): Body {
  return { *[Symbol.iterator]() {}, close: () => file.close?.() };
}

function eager(file: FileLike, size = 8192): Body {
  file.read(size);
  return blocksOf(file, size);
}

function blocksOf(file: FileLike, size: number): Body {
  return {
    async *[Symbol.asyncIterator]() {
      for (let block = await file.read(size); block?.length; block = await file.read(size)) {
        yield block;
      }
    },
    close: () => file.close?.(),
  };
}

function refuseOddText({ "wsgi.errors": errors }: Environ): void {
  const { write } = errors;
  errors.write = (text) => {
    encodeURIComponent(text);
    write.call(errors, text);
  };
}

/** The gate of the work is opened in vain. */
function astray(environ: Environ): void {
  if (environ.PATH_INFO === "/gated") {
    environ.HTTP_X_DRAM_RUN = "another run";
  }
}

function always(): object {
  return {};
}

function ignore(): void {}
