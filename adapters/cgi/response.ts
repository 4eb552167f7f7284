import {
  type BodyStream,
  cgiHead,
  encodeUtf8,
  type GatewayResponse,
  isStream,
} from "../../core/mod.ts";
import { BREAK_DELAY, turns } from "../process/mod.ts";
import type { Client } from "./client.ts";

/**
 * Sends what `run` has made, a chunk as soon as it is there.
 *
 * @returns Whether the response is whole, and no page for an error of the application.
 */
export async function fromResponse(answer: GatewayResponse, client: Client): Promise<boolean> {
  const { body } = answer;
  if (isStream(body)) {
    await client.send(headOf(answer));
    return pump(body, client);
  }
  if (body === null) {
    await client.send(headOf(answer));
  } else {
    const chunks = typeof body === "string" ? [encodeUtf8(body)] : body;
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const [first = new Uint8Array(0), ...others] = chunks;
    await client.send(Buffer.concat([headOf(answer, length), first]));
    for (const chunk of others) {
      await client.send(chunk);
    }
  }
  return answer.failed !== true;
}

/** As bytes. See `cgiHead`. */
function headOf(answer: GatewayResponse, length?: number): Buffer {
  return Buffer.from(cgiHead(answer, length), "latin1");
}

/** Each chunk before the next one is asked for. Never rejects: what breaks has been logged by core. */
async function pump(body: BodyStream, client: Client): Promise<boolean> {
  client.onLeave(() => body.cancel());
  if (client.left) {
    body.cancel();
  }
  try {
    const turn = turns();
    for (let chunk = await body.next(); chunk !== null; chunk = await body.next()) {
      await client.send(chunk);
      await turn();
    }
    return true;
  } catch {
    // Apache makes a Content-Length of its own of what it reads together with the end.
    await new Promise((resolve) => setTimeout(resolve, BREAK_DELAY));
    return false;
  }
}
