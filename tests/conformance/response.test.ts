import type { HeaderList, Middleware } from "dram";
import { expect, test } from "vitest";
import { type Fault, run, type Spoil } from "./faulty.ts";
import { atCase, heads, iteratorOf, lenient, starts, unclosed, without } from "./faultyresponse.ts";

const same = (headers: HeaderList): HeaderList => headers;

const FAULTS: readonly Fault[] = [
  ["R01", "adds a charset", heads(withCharset), 'found ["text/plain;charset=utf-8"]'],
  ["R02", "answers 200", heads(same, "200 OK"), "found [200,"],
  ["R04", "joins cookies", heads(joined), 'Set-Cookie: found ["a=1; Expires=Wed, 21'],
  ["R05", "keeps the last value", heads(lastOnly), 'X-Foo: found "bar, baz"'],
  ["R06", "sends UTF-8", heads(encoded), "the bytes of X-Lat: found"],
  ["R07", "encodes once more", heads(encoded), "the bytes of X-U8: found"],
  ["R08", "believes all", starts(lenient), 'found ["value: accepted"]'],
  ["R09", "believes all", starts(lenient), 'found ["value-crlf: accepted"]'],
  ["R10", "believes all", starts(lenient), 'found ["connection: accepted"]'],
  ["R11", "believes all", starts(lenient), 'found ["no-reason: accepted"]'],
  ["R12", "believes all", starts(lenient), 'found ["no-array: accepted"]'],
  ["R13", "makes up a type", heads(() => [["Content-Type", "a/b"]]), 'content-type: found "a/b"'],
  ["R14", "sends the bytes", heads(same, "200 OK"), 'found [200,"zz"]'],
  ["R15", "drops validators", heads(without("etag")), "ETag: found undefined"],
  ["R16", "sends the bytes", heads(same, "200 OK"), "found [200,"],
  ["R17", "drops the length", heads(without("content-length")), "Content-Length: found undefined"],
  ["R18", "does not close", unclosed, "close() of every body: not within"],
  ["R19", "runs ahead", ahead, "chunks pulled: found 3"],
  ["R20", "adds to the list", heads(added), "x-extra of 4"],
  ["R20", "keeps the list", late, 'X-Word: found ["after","after"]'],
  ["R21", "stops at 50", heads((headers) => headers.slice(0, 50)), "X-48: found undefined"],
  ["R22", "drops what is empty", heads(filled), "X-Empty: found none"],
];

test.each(FAULTS)("%s fails if the gateway %s", async (id, _fault, middleware, message) => {
  await expect(run(id, middleware)).rejects.toThrow(message);
});

const SPOILS: readonly (readonly [id: string, fault: string, spoil: Spoil, message: string])[] = [
  ["R17", "sends a body to HEAD", withBody, '200,"hello"], wanted [200,""]'],
  ["R18", "sends a body to HEAD", withBody, '200,"hello"], wanted [200,""]'],
  ["R18", "tells a wrong length", withLength("7"), "Content-Length: found 7, wanted 5 or none"],
  ["R14", "tells a length", withLength("2"), 'content-length: found "2", wanted undefined'],
];

test.each(SPOILS)("%s fails if the server %s", async (id, _fault, spoil, message) => {
  await expect(run(id, (inner) => inner, "", spoil)).rejects.toThrow(message);
});

test("without a fault they pass", async () => {
  for (const id of new Set(FAULTS.map(([id]) => id))) {
    await run(id, (inner) => inner);
  }
});

function withCharset(headers: HeaderList): HeaderList {
  return headers.map(([name, value]) => [name, value.replace("text/plain", "$&;charset=utf-8")]);
}

function joined(headers: HeaderList): HeaderList {
  const cookies = headers.filter(([name]) => name === "Set-Cookie").map(([, value]) => value);
  return [...without("set-cookie")(headers), ["Set-Cookie", cookies.join(", ")]];
}

function lastOnly(headers: HeaderList): HeaderList {
  return [...new Map(headers)];
}

function encoded(headers: HeaderList): HeaderList {
  return headers.map(([name, value]) => [name, Buffer.from(value, "utf8").toString("latin1")]);
}

function filled(headers: HeaderList): HeaderList {
  return headers.filter(([, value]) => value !== "");
}

function added(headers: HeaderList): HeaderList {
  headers.push(["X-Extra", "1"]);
  return headers;
}

/** Pulls three chunks before anything is asked for. */
function ahead(...[inner]: Parameters<Middleware>): ReturnType<Middleware> {
  return atCase((application) => async (environ, startResponse) => {
    const body = await application(environ, startResponse);
    const iterator = iteratorOf(body);
    for (let pulled = 0; pulled < 3; pulled++) {
      await iterator.next();
    }
    return { [Symbol.asyncIterator]: () => iterator, close: () => body.close?.() };
  })(inner);
}

/** Looks at the headers only when the application has returned. */
function late(...[inner]: Parameters<Middleware>): ReturnType<Middleware> {
  return atCase((application) => async (environ, startResponse) => {
    const calls: Parameters<typeof startResponse>[] = [];
    const body = await application(environ, (...call) => {
      calls.push(call);
      return async () => {};
    });
    for (const call of calls) {
      startResponse(...call);
    }
    return body;
  })(inner);
}

function withBody(response: Response, method: string): Response {
  return method === "HEAD" ? new Response("hello", response) : response;
}

function withLength(length: string): Spoil {
  return (response) => {
    response.headers.set("Content-Length", length);
    return response;
  };
}
