// A process of its own for the load, so that the server's is busy with nothing else.

import { connect } from "node:net";

const CONNECTIONS = 32;

/** What to send to whom for how long; asked for and answered in messages. */
export interface Load {
  readonly port: number;
  readonly request: string;
  /** How the response ends. */
  readonly end: string;
  readonly milliseconds: number;
}

process.on("message", async ({ port, request, end, milliseconds }: Load) => {
  const bytes = Buffer.from(request, "latin1");
  const deadline = performance.now() + milliseconds;
  const counts = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => drive(port, bytes, end, deadline)),
  );
  process.send?.((counts.reduce((sum, count) => sum + count, 0) * 1000) / milliseconds);
});

/**
 * One request after the other on one connection, or on the next one where the server closes it after
 * so many; as many as are answered before the deadline.
 */
function drive(port: number, request: Buffer, end: string, deadline: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let count = 0;
    open();

    function open(): void {
      const before = count;
      let received = "";
      const socket = connect({ host: "127.0.0.1", port, noDelay: true }, () =>
        socket.write(request),
      );
      socket.setEncoding("latin1");
      socket.on("error", (error) => {
        // A request may meet a connection that is just being closed.
        if (count === before) {
          reject(error);
        }
      });
      socket.on("close", () => {
        if (performance.now() >= deadline) {
          resolve(count);
        } else if (count > before) {
          open();
        } else {
          reject(new Error("the server closes connections without an answer"));
        }
      });
      socket.setTimeout(5000, () => {
        socket.destroy(new Error(`no whole answer: ${JSON.stringify(received.slice(-200))}`));
      });
      socket.on("data", (data: string) => {
        received += data;
        if (!received.endsWith(end)) {
          return;
        }
        received = "";
        count++;
        if (performance.now() < deadline) {
          socket.write(request);
        } else {
          socket.destroy();
        }
      });
    }
  });
}
