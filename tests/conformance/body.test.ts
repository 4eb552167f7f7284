import { expect, test } from "vitest";
import { type Fault, run } from "./faulty.ts";
import {
  asText,
  closingEarly,
  closingTwice,
  coercing,
  collected,
  early,
  failingToClose,
  firstOnly,
  forgiving,
  heldBack,
  hushed,
  impatient,
  inferring,
  lastWriteFirst,
  lenientLate,
  merging,
  nothing,
  once,
  replacing,
  reversed,
  rewording,
  something,
  starting,
  swallowing,
  telling,
  unforgiving,
  unlessEmpty,
  untilEmpty,
  withUnixLines,
} from "./faultybody.ts";
import {
  atCase,
  bodies,
  chunks,
  heads,
  starts,
  unclosed,
  without,
  writes,
} from "./faultyresponse.ts";

const withoutLength = heads(without("content-length"));

const FAULTS: readonly Fault[] = [
  ["B01", "loses the body", bodies(nothing), 'found [200,""], wanted [200,"hello"]'],
  ["B02", "loses the second chunk", bodies(firstOnly), 'found [200,"he"], wanted [200,"hello"]'],
  ["B03", "makes up a body", bodies(something), 'found [200,"x"], wanted [200,""]'],
  ["B04", "turns them round", bodies(reversed), 'found [200,"threetwo,one,"]'],
  ["B05", "collects them", bodies(collected), "gaps: found"],
  ["B05", "holds one back", bodies(heldBack), "gaps: found"],
  ["B06", "wants a start at the return", atCase(early), "found [500,"],
  ["B07", "does not wait", atCase(impatient), "found [500,"],
  ["B08", "does not wait", atCase(impatient), "found [500,"],
  ["B09", "ends at an empty chunk", bodies(untilEmpty), 'found [200,"x"], wanted [200,"xy"]'],
  ["B10", "keeps the first head", starts(once), 'found [200,"err"], wanted [503,"err"]'],
  ["B10", "merges headers", starts(merging), 'X-First: found "1", wanted undefined'],
  ["B11", "keeps the first head", starts(once), 'found [200,"longe"]'],
  ["B11", "keeps the length", starts(merging), 'found [503,"longe"]'],
  ["B12", "ignores the error", starts(lenientLate), 'found [200,"aerr"], wanted [200,"a"]'],
  ["B12", "throws its own", starts(rewording), 'found ["another","another"]'],
  ["B12", "ends the body", bodies(hushed), "/: found a whole body"],
  ["B13", "takes the second", starts(replacing), "status: found 200, wanted 500"],
  ["B14", "takes the second", starts(replacing), "status: found 200, wanted 500"],
  ["B15", "refuses for good", starts(unforgiving), "found [500,"],
  ["B16", "starts by itself", atCase(starting), "status of /empty: found 200"],
  ["B17", "tells the error", atCase(telling("text/plain")), "tells of the error"],
  ["B17", "answers in HTML", atCase(telling("text/html")), 'Content-Type: found "text/html"'],
  ["B18", "keeps the status", atCase(forgiving), "status of /throws: found 200"],
  ["B19", "ends the body", bodies(hushed), "/: found a whole body"],
  ["B20", "infers a length", atCase(inferring), "Content-Length: found 3, wanted none"],
  ["B21", "takes any write", writes(swallowing), 'found ["accepted"], wanted ["refused"]'],
  ["B22", "ignores an empty write", writes(unlessEmpty), "the headers came"],
  ["B23", "turns them round", atCase(lastWriteFirst), 'found [200,"321"]'],
  ["B24", "ends the body", atCase(forgiving), "/: found a whole body"],
  ["B25", "sends them all", withoutLength, 'found [200,"12345"], wanted [200,"123"]'],
  ["B25", "asks for more", bodies(collected), '"asked for more"'],
  ["B26", "asks for more", bodies(collected), '"asked for more"'],
  ["B27", "forgets the length", withoutLength, "/array: found a whole answer"],
  ["B28", "takes it silently", writes(swallowing), 'found ["accepted"], wanted ["refused"]'],
  ["B29", "closes too early", atCase(closingEarly), 'found ["close","1","2","end"]'],
  ["B29", "closes twice", atCase(closingTwice), '"end","close","close"], wanted'],
  ["B29", "does not close", unclosed, "close(): not within"],
  ["B30", "fails with it", atCase(failingToClose), "GET /throws, status and body: found [500"],
  ["B31", "does not tell the body", unclosed, "finally of the body: not within"],
  ["B32", "makes bytes of it", atCase(coercing), "status of /string: found 200"],
  ["B33", "sends text", chunks(asText), "the bytes of /binary: found bytes"],
  ["B34", "changes line ends", chunks(withUnixLines), 'found [200,"Foo: Bar\\n\\nHello"]'],
];

test.each(FAULTS)("%s fails if the gateway %s", async (id, _fault, middleware, message) => {
  await expect(run(id, middleware)).rejects.toThrow(message);
});

const LENGTHS = [
  ["B01", 'Content-Length: found "7", wanted "5"'],
  ["B02", 'found [["content-length","7"]], wanted 5 or none'],
  ["B03", 'Content-Length: found "7", wanted "0"'],
  ["B25", "Content-Length: found 7, wanted 3"],
] as const;

test.each(LENGTHS)("%s fails if the server tells a wrong length", async (id, message) => {
  const spoiled = run(
    id,
    (inner) => inner,
    "",
    (response) => {
      response.headers.set("Content-Length", "7");
      return response;
    },
  );
  await expect(spoiled).rejects.toThrow(message);
});

test("without a fault they pass", async () => {
  for (const id of new Set(FAULTS.map(([id]) => id))) {
    await run(id, (inner) => inner);
  }
});
