import {
  type Application,
  type Body,
  type Environ,
  encodeUtf8,
  type HeaderList,
  type InputStream,
  text,
} from "../../core/mod.ts";
import { equal, matches, ok, pause, until } from "../check.ts";
import { note } from "../ledger.ts";
import { textOf } from "../reply.ts";
import type { Case, Client } from "../types.ts";
import { jsonOf, native, reading } from "./answers.ts";

/** How the end of a request body is known, and what comes before it is. */
export const framingCases: readonly Case[] = [
  {
    id: "I06",
    name: "a line that arrives in pieces is one line",
    application: reading(async (input) => [
      native(await input.readline()),
      native(await input.readline()),
    ]),
    async exchange(client) {
      const found = await jsonOf(client, {
        method: "POST",
        path: "/",
        headers: [["Content-Length", "16"]],
        body: inPieces(["one ", "li", "ne\nanother"], "apart"),
      });
      equal(found, ["one line\n", "another"], "readline(), twice");
    },
  },
  {
    id: "I12",
    name: "a body of unknown length is read to its end",
    application: reading(whole),
    async exchange(client) {
      const found = await jsonOf<Found>(client, {
        method: "POST",
        path: "/",
        body: inPieces(["one ", "two ", "three"], "apart"),
      });
      equal(found.data, "one two three", "read()");
      // Whoever waits for a body, or has been sent the whole of it at once, may know its length.
      const counts = client.lacks("chunkedRequest") || client.target.front !== undefined;
      const counted = counts && found.length === "13";
      ok(
        found.length === undefined || counted,
        `CONTENT_LENGTH: found ${found.length}, wanted none`,
      );
      equal(found.terminated, true, 'environ["wsgi.input_terminated"]');
    },
  },
  {
    id: "I13",
    name: "a body that is not read is neither waited for nor taken for a request",
    application: unread,
    async exchange(client) {
      const body = new Uint8Array(1024 * 1024).fill(0x78);
      const reply = await client.send({ method: "POST", path: "/", body });
      equal([reply.status, await textOf(reply)], [200, "not read\n"], "status and body");
      if (!client.lacks("wire")) {
        await unreadOnWire(client);
      }
    },
  },
  {
    id: "I14",
    name: "a body that breaks off is no complete one",
    // Whoever holds the body back until it is whole never hands over a part of it.
    needs: ["chunkedRequest"],
    application: reporting,
    async exchange(client) {
      if (client.lacks("wire")) {
        await sendShort(client);
      } else {
        await breakOff(client, ["Content-Length", "10"], "12345");
        await breakOff(client, ["Transfer-Encoding", "chunked"], "5\r\n12345\r\n");
      }
    },
  },
  {
    id: "I16",
    name: "Expect: 100-continue is answered",
    needs: ["wire"],
    application: reading(whole),
    async exchange(client) {
      const connection = await client.connect();
      try {
        connection.write(
          client.head("POST", "/", [
            ["Content-Length", "5"],
            ["Expect", "100-continue"],
          ]),
        );
        if (client.lacks("continue")) {
          // How long a client waits that knows servers without it (RFC 9110 §10.1.1).
          await pause(200);
        } else {
          await connection.received(/^HTTP\/1\.1 100 /, 3000);
        }
        connection.write("hello");
        const received = await connection.received(/"data":"hello"/, 3000);
        equal(
          received.match(/^HTTP\/1\.1 [0-9]{3}/gm),
          client.lacks("continue") ? ["HTTP/1.1 200"] : ["HTTP/1.1 100", "HTTP/1.1 200"],
          "statuses",
        );
        matches(received, /"data":"hello"/, "the answer");
      } finally {
        connection.destroy();
      }
    },
  },
  {
    id: "I17",
    name: "an invalid Content-Length is refused with 400",
    needs: ["wire"],
    application: reading(whole),
    calls: 0,
    async exchange(client) {
      for (const length of ["abc", "-1", "+5", "1,2", "0x5", "5 5"]) {
        const connection = await client.connect();
        try {
          connection.write(`${client.head("POST", "/", [["Content-Length", length]])}12345`);
          const received = await connection.received(/^HTTP\/1\.1 .*\r\n/);
          equal(received.slice(0, 12), "HTTP/1.1 400", `the answer to Content-Length: ${length}`);
        } finally {
          connection.destroy();
        }
      }
    },
  },
  {
    id: "I18",
    name: "the body of a GET is read as any other",
    application: reading(whole),
    async exchange(client) {
      const found = await jsonOf<Found>(client, { path: "/", body: encodeUtf8("zz") });
      equal(found.data, client.lacks("getBody") ? "" : "zz", "read()");
    },
  },
];

interface Found {
  readonly data: string;
  readonly length?: string;
  readonly terminated: boolean;
}

/** What one read gives, and how the body was announced. */
async function whole(input: InputStream, environ: Environ): Promise<Found> {
  const data = native(await input.read());
  const { CONTENT_LENGTH: length, "wsgi.input_terminated": terminated } = environ;
  return { data, terminated, ...(length === undefined ? {} : { length }) };
}

/** @param way `apart`: with a moment between, so that they are not sent as one. */
async function* inPieces(
  pieces: readonly string[],
  way?: "apart",
): AsyncGenerator<Uint8Array, void, void> {
  for (const piece of pieces) {
    yield encodeUtf8(piece);
    if (way === "apart") {
      await pause(20);
    }
  }
}

function unread(...[, startResponse]: Parameters<Application>): Body {
  startResponse("200 OK", [["Content-Type", "text/plain; charset=utf-8"]]);
  return text("not read\n");
}

/**
 * A body that looks like requests, on a connection that is used again if it stays open. One of
 * them reaching the application would be one call too many.
 */
async function unreadOnWire(client: Client): Promise<void> {
  const next = client.head("GET", "/next");
  const body = next.repeat(Math.ceil((1024 * 1024) / next.length));
  const post = client.head("POST", "/", [["Content-Length", String(body.length)]]);
  const connection = await client.connect();
  try {
    connection.write(post + body);
    matches(await connection.received(ANSWER), ANSWER, "the answer to a POST that is not read");
    connection.write(next);
    if (!TWO_ANSWERS.test(await connection.received(TWO_ANSWERS))) {
      await onNewConnection(client, next);
    }
  } finally {
    connection.destroy();
  }
}

const ANSWER = /^HTTP\/1\.1 200 .*not read\n/s;
const TWO_ANSWERS = /^HTTP\/1\.1 200 .*not read\n.*HTTP\/1\.1 200 .*not read\n/s;

async function onNewConnection(client: Client, request: string): Promise<void> {
  const connection = await client.connect();
  try {
    connection.write(request);
    matches(await connection.received(ANSWER), ANSWER, "the answer to the request after it");
  } finally {
    connection.destroy();
  }
}

/** Sends half a body and ends. */
async function breakOff(client: Client, framing: HeaderList[number], bytes: string): Promise<void> {
  const before = await client.notes();
  const connection = await client.connect();
  try {
    connection.write(client.head("POST", "/", [framing]) + bytes);
    // A server in front that knows of the end already would not begin.
    await until(
      async () => (await client.notes()).length > before.length,
      `a call of the application with ${framing.join(": ")}`,
    );
    connection.end();
    await rejected(client, before.length, framing.join(": "));
  } finally {
    connection.destroy();
  }
}

/** Announces 10 bytes, and sends 5. */
async function sendShort(client: Client): Promise<void> {
  const request = client.send({
    method: "POST",
    path: "/",
    headers: [["Content-Length", "10"]],
    body: inPieces(["12345"]),
  });
  // The gateway may answer or break the exchange off; neither says how the read has ended.
  const reply = await request.catch(() => undefined);
  try {
    await rejected(client, 0, "Content-Length: 10");
  } finally {
    reply?.leave();
  }
}

async function rejected(client: Client, before: number, framing: string): Promise<void> {
  let ends: readonly string[] = [];
  await until(async () => {
    ends = (await client.notes()).slice(before).filter((what) => what !== "called");
    return ends.length > 0;
  }, `an end of read() with ${framing}`);
  equal(ends, ["rejected"], `read() with ${framing} after 5 bytes`);
}

/** Notes how its read has ended: its answer may find no client any more. */
async function reporting(...[environ, startResponse]: Parameters<Application>): Promise<Body> {
  note(environ, "called");
  const ended = await environ["wsgi.input"].read().then(
    ({ length }) => `${length} bytes`,
    () => "rejected",
  );
  note(environ, ended);
  startResponse("200 OK", [["Content-Type", "text/plain; charset=utf-8"]]);
  return text(ended);
}
