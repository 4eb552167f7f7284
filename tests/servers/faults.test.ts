import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isInstalled } from "../targets/installed.ts";
import { textOf, until } from "../targets/target.ts";
import { send } from "../targets/workerd.ts";
import { type Behind, behindFastcgi, behindProgram, behindProxy } from "./behind.ts";

interface Server {
  readonly name: string;
  readonly installed: boolean;
  /** The error log of the web server has what the application logs. */
  readonly logs: boolean;
  /** The web server watches its client while the application is silent. */
  readonly watches: boolean;
  boot(): Promise<Behind>;
}

const nginx = isInstalled("nginx");
const apache = isInstalled("apache2");

const servers: readonly Server[] = [
  {
    name: "nginx in front of dram/node",
    installed: nginx,
    logs: false,
    watches: true,
    boot: () => behindProxy("nginx"),
  },
  {
    name: "nginx in front of dram/fastcgi",
    installed: nginx,
    logs: true,
    watches: true,
    boot: () => behindFastcgi("nginx"),
  },
  {
    name: "Apache in front of dram/node",
    installed: apache,
    logs: false,
    watches: false,
    boot: () => behindProxy("apache"),
  },
  {
    name: "Apache in front of dram/fastcgi",
    installed: apache,
    logs: true,
    watches: false,
    boot: () => behindFastcgi("apache"),
  },
  {
    name: "mod_cgid",
    installed: apache,
    logs: true,
    watches: false,
    boot: () => behindProgram("cgi"),
  },
  {
    name: "mod_fcgid",
    installed: isInstalled("apache2", "mod_fcgid"),
    logs: true,
    watches: false,
    boot: () => behindProgram("fcgid"),
  },
];

for (const { name, installed, logs, watches, boot } of servers) {
  describe.runIf(installed)(name, () => {
    let server: Behind;

    beforeAll(async () => {
      server = await boot();
    });

    afterAll(() => server?.close());

    test("F06 an error of the application is a 500 that tells nothing", async () => {
      const response = await send(server.port, { path: "/throws" });
      expect([response.status, await textOf(response)]).toEqual([500, "Internal Server Error\n"]);
    });

    if (logs) {
      test("what the application logs is in the web server's error log", async () => {
        await textOf(await send(server.port, { path: "/logs" }));
        await textOf(await send(server.port, { path: "/throws" }));
        for (const wanted of [/a line of the application/, /GET \/throws: Error: on purpose/]) {
          await until(() => server.log.some((line) => wanted.test(line)));
        }
      });
    }

    test.each(["/download", ...(watches ? ["/download?silent"] : [])])(
      "F19 a client that leaves in mid-download of %s closes the body, once, within 1 s",
      async (path) => {
        const before = server.output.length;
        const printed = () => server.output.slice(before);
        const response = await send(server.port, { path });
        for await (const chunk of response.chunks) {
          expect(Buffer.from(chunk).toString()).toMatch(/^first/);
          break;
        }
        response.leave();
        await until(() => printed().includes("closed"), 1000);
        expect(printed()).toEqual([expect.stringMatching(/^started \d+$/), "aborted", "closed"]);
        expect((await send(server.port, { path: "/logs" })).status).toBe(200);
      },
    );
  });
}

test.runIf(apache)("F19 a CGI program whose client has left ends", async () => {
  const server = await behindProgram("cgi");
  try {
    const response = await send(server.port, { path: "/download" });
    await until(() => server.output.length > 0);
    const pid = Number(server.output[0]?.split(" ")[1]);
    expect(isAlive(pid)).toBe(true);
    response.leave();
    await until(() => !isAlive(pid), 2000);
  } finally {
    await server.close();
  }
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
