import type { Application, Body, HeaderList, StartResponse } from "dram";

/** What the `X-Probe` header tells the application to do: base64url of this as JSON. */
export interface Probe {
  method?: string;
  status?: string;
  headers?: HeaderList;
  chunks?: readonly (string | { b64: string })[];
  throwBefore?: string;
  throwAfterStart?: string;
  throwMid?: string;
  throwValue?: "hostile";
  rejectBefore?: string;
  startTwice?: boolean;
  startTwiceExc?: { status: string; headers: HeaderList };
  mutateHeadersAfterStart?: HeaderList;
  returnKind?: "undefined";
  yieldKind?: "string";
}

/** An application that does what a case of the hostile corpus wants, and counts. */
export function createProbe(): {
  application: Application;
  state: { calls: number; closed: number };
} {
  const state = { calls: 0, closed: 0 };
  const application: Application = async (environ, startResponse) => {
    state.calls++;
    const { HTTP_X_PROBE: instruction } = environ;
    if (instruction !== undefined) {
      return act(JSON.parse(Buffer.from(instruction, "base64url").toString()), startResponse);
    }
    const body = await environ["wsgi.input"].read();
    startResponse("200 OK", [["X-Body-Length", String(body.length)]]);
    return [];
  };

  function act(probe: Probe, startResponse: StartResponse): Body {
    if (probe.throwBefore ?? probe.rejectBefore) {
      throw new Error(probe.throwBefore ?? probe.rejectBefore);
    }
    if (probe.throwValue === "hostile") {
      throw {
        get message() {
          throw 1;
        },
        toString() {
          throw 2;
        },
      };
    }
    const headers = probe.headers ?? [];
    startResponse(probe.status ?? "", headers);
    headers.push(...(probe.mutateHeadersAfterStart ?? []));
    if (probe.startTwice) {
      startResponse("200 OK", []);
    }
    if (probe.startTwiceExc !== undefined) {
      const { status, headers: others } = probe.startTwiceExc;
      startResponse(status, others, new Error("replaced"));
    }
    if (probe.throwAfterStart !== undefined) {
      throw new Error(probe.throwAfterStart);
    }
    if (probe.returnKind === "undefined") {
      return undefined as never;
    }
    if (probe.yieldKind === "string") {
      return ["a string"] as never;
    }
    return {
      async *[Symbol.asyncIterator]() {
        for (const chunk of probe.chunks ?? []) {
          yield typeof chunk === "string" ? Buffer.from(chunk) : Buffer.from(chunk.b64, "base64");
          if (probe.throwMid !== undefined) {
            throw new Error(probe.throwMid);
          }
        }
      },
      close() {
        state.closed++;
      },
    };
  }

  return { application, state };
}
