import { type Application, text } from "dram";
import { toDeno } from "dram/deno";
import { describe, expect, test } from "vitest";

const INFO = { remoteAddr: { transport: "tcp", hostname: "192.0.2.1", port: 1 } } as const;

/** A request, and how often its body was asked for in one piece. */
interface Counted {
  readonly request: Request;
  readonly whole: number;
}

function post(body: string | undefined, headers: Record<string, string> = {}): Counted {
  const init = body === undefined ? {} : { body };
  const request = new Request("http://localhost/", { method: "POST", headers, ...init });
  const counted = { request, whole: 0 };
  const arrayBuffer = request.arrayBuffer.bind(request);
  Object.defineProperty(request, "arrayBuffer", {
    value() {
      counted.whole++;
      return arrayBuffer();
    },
  });
  return counted;
}

const decoder = new TextDecoder();

/** An application that answers with what it has read. */
function reading(read: (input: Input) => Promise<Uint8Array>): Application {
  return async (environ, startResponse) => {
    const body = await read(environ["wsgi.input"]);
    startResponse("200 OK", [["Content-Type", "text/plain"]]);
    return text(decoder.decode(body));
  };
}

type Input = Parameters<Application>[0]["wsgi.input"];

const all = reading((input) => input.read());

describe("a request body that is read to its end", () => {
  test("is taken in one piece", async () => {
    const counted = post("whole");
    expect(await (await toDeno(all).fetch(counted.request, INFO)).text()).toBe("whole");
    expect(counted.whole).toBe(1);
  });

  test("is read once, and is at its end then", async () => {
    const twice = reading(async (input) => {
      const first = await input.read();
      return Buffer.concat([first, Buffer.from("|"), await input.read(), await input.readline()]);
    });
    const counted = post("whole");
    expect(await (await toDeno(twice).fetch(counted.request, INFO)).text()).toBe("whole|");
    expect(counted.whole).toBe(1);
  });

  test("is taken chunk by chunk behind a read of a part", async () => {
    const parts = reading(async (input) => {
      const first = await input.read(2);
      return Buffer.concat([first, Buffer.from("|"), await input.read()]);
    });
    const counted = post("whole");
    expect(await (await toDeno(parts).fetch(counted.request, INFO)).text()).toBe("wh|ole");
    expect(counted.whole).toBe(0);
  });

  test("is counted chunk by chunk where its length is not known and there is a limit", async () => {
    const counted = post("whole");
    const response = await toDeno(all, { maxBodySize: 4, errors: SILENT }).fetch(
      counted.request,
      INFO,
    );
    expect(response.status).toBe(413);
    expect(counted.whole).toBe(0);
  });

  test("is no longer than Content-Length says", async () => {
    const counted = post("whole", { "content-length": "3" });
    expect(await (await toDeno(all).fetch(counted.request, INFO)).text()).toBe("who");
    expect(counted.whole).toBe(1);
  });

  test("is an error where it is shorter than Content-Length says", async () => {
    const counted = post("whole", { "content-length": "9" });
    const response = await toDeno(all, { errors: SILENT }).fetch(counted.request, INFO);
    expect(response.status).toBe(400);
  });

  test("is none where the request has none, whatever Content-Length says", async () => {
    const counted = post(undefined, { "content-length": "9" });
    expect(await (await toDeno(all).fetch(counted.request, INFO)).text()).toBe("");
    expect(counted.whole).toBe(0);
  });
});

/** As the standard has it; in the types that Node has, there is never a request for a block. */
interface ByteController {
  readonly byobRequest:
    | { readonly view: Uint8Array; respond(length: number): void }
    | null
    | undefined;
  close(): void;
}

/** A body that fills blocks, and the sizes of those that it was given. */
function blocks(length: number): { body: ReadableStream<Uint8Array>; sizes: number[] } {
  const sizes: number[] = [];
  let left = length;
  const body = new ReadableStream({
    type: "bytes",
    pull(controller: ByteController) {
      const { byobRequest } = controller;
      const size = byobRequest?.view.byteLength ?? 0;
      const filled = Math.min(size, left);
      sizes.push(size);
      left -= filled;
      if (left === 0 && filled === 0) {
        controller.close();
      }
      byobRequest?.respond(filled);
    },
  });
  return { body, sizes };
}

function streaming(
  body: ReadableStream<Uint8Array>,
  headers: Record<string, string> = {},
): Request {
  return new Request("http://localhost/", { method: "POST", headers, body, duplex: "half" });
}

describe("a request body that is read in parts", () => {
  test.each<[string, number, number | undefined, number[]]>([
    ["of the size that is waited for", 150_000, undefined, [65_536, 65_536, 65_536, 46_608]],
    ["of no more than there can be", 150_000, 150_000, [65_536, 65_536, 18_928]],
    ["of a size that is worth a read", 100, undefined, [16_384, 16_384]],
  ])("comes in blocks %s", async (_, length, announced, expected) => {
    const wanted = length < 1000 ? 10 : 65_536;
    const application: Application = async (environ, startResponse) => {
      let size = 0;
      for (let part = await environ["wsgi.input"].read(wanted); part.length > 0; ) {
        size += part.length;
        part = await environ["wsgi.input"].read(wanted);
      }
      startResponse("200 OK", []);
      return text(String(size));
    };
    const { body, sizes } = blocks(length);
    const headers = announced === undefined ? undefined : { "content-length": String(announced) };
    const response = await toDeno(application).fetch(streaming(body, headers), INFO);
    expect(await response.text()).toBe(String(length));
    expect(sizes).toEqual(expected);
  });

  test("gives chunks of its own where it fills no blocks", async () => {
    const parts = reading(async (input) =>
      Buffer.concat([await input.read(2), Buffer.from("|"), await input.read(3)]),
    );
    const body = ReadableStream.from([Buffer.from("who"), Buffer.from("le")]);
    const response = await toDeno(parts).fetch(streaming(body), INFO);
    expect(await response.text()).toBe("wh|ole");
  });
});

const SILENT = { write() {}, writelines() {}, flush() {} };
