import { bootFastcgi } from "../targets/fastcgi.ts";
import {
  END,
  type FastcgiWire,
  fastcgiWire,
  request,
  sendFastcgi,
  variablesOf,
} from "../targets/fastcgi-client.ts";
import { until } from "../targets/target.ts";
import type { Answer } from "./answer.ts";
import type { Input } from "./corpus.ts";
import { PATIENCE, pieces } from "./deliver.ts";
import type { HostileTarget } from "./targets.ts";

type Sequence = NonNullable<Input["sequence"]>;

/** dram/fastcgi in a process of its own, to a client that is no web server. */
export const fastcgiTarget: HostileTarget = {
  name: "fastcgi",
  platforms: ["any", "fastcgi"],
  async boot() {
    const module = new URL("./application.ts", import.meta.url);
    const target = await bootFastcgi(module, { port: 0, requestTimeout: 500 });
    const { place, log } = target;
    return {
      log,
      async send(sent) {
        const reply = await sendFastcgi(
          place,
          { ...sent, headers: [...(sent.headers ?? [])] },
          log,
        );
        const chunks: Uint8Array[] = [];
        let complete = true;
        try {
          for await (const chunk of reply.chunks) {
            chunks.push(chunk);
          }
        } catch {
          complete = false;
        }
        const { status, headers } = reply;
        return { status, headers, body: Buffer.concat(chunks), complete };
      },
      async deliver(raw, manner, seed) {
        const wire = await fastcgiWire(place);
        for (const piece of pieces(raw, manner, seed)) {
          wire.send(Buffer.from(piece, "latin1"));
          // What has come is read now: a piece of its own for the server, too.
          await new Promise(setImmediate);
        }
        await until(() => wire.ended || ends(wire) > 0, PATIENCE);
        return answerOf(wire);
      },
      async invoke(event) {
        const wire = await fastcgiWire(place);
        for (const [index, { params, path }] of (event as Sequence).entries()) {
          const variables = [...variablesOf({ path }), ...Object.entries(params)];
          wire.send(request(index + 1, variables));
          await until(() => ends(wire) > index, PATIENCE);
        }
        return answerOf(wire);
      },
      close: () => target.close(),
    };
  },
};

const NONE: Answer = {
  status: 0,
  headers: [],
  body: Buffer.alloc(0),
  complete: false,
};

function ends(wire: FastcgiWire): number {
  return wire.records.filter(({ type }) => type === END).length;
}

function answerOf(wire: FastcgiWire): Answer {
  const { ended: closed } = wire;
  const endStatus = wire.records.find(({ type }) => type === END)?.content[4];
  wire.socket.destroy();
  return { ...NONE, closed, ...(endStatus === undefined ? {} : { endStatus }) };
}
