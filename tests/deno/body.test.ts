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

const SILENT = { write() {}, writelines() {}, flush() {} };
