import { fromPythonProcess } from "dram/from/python/process";
import { type NodeServer, serve } from "dram/node";
import { afterAll, beforeAll, describe } from "vitest";
import { isInstalled } from "../../targets/installed.ts";
import { makeLog } from "../../targets/log.ts";
import { hasSites } from "../../targets/pythonsite.ts";
import { send } from "../../targets/workerd.ts";
import { APPLICATIONS } from "../checks/applications.ts";
import { register } from "../checks/check.ts";

describe.runIf(isInstalled("python3") && hasSites("flask", "django", "werkzeug"))(
  "in worker processes of dram/node",
  () => {
    describe.each(Object.entries(APPLICATIONS))("%s", (_name, { app, site, checks }) => {
      describe.each(["", "/mnt"])("at %j", (mount) => {
        const { errors, log } = makeLog();
        let server: NodeServer;

        beforeAll(async () => {
          const application = fromPythonProcess({ app, site: site(), workers: 2, errors });
          server = await serve(application, { port: 0, signals: false, scriptName: mount, errors });
        });

        afterAll(() => server?.close());

        register(checks, {}, () => ({
          target: {
            name: "worker processes",
            log,
            send: (request) => send(server.port ?? 0, request),
            close: () => server.close(),
          },
          origin: `http://localhost:${server.port}`,
          mount,
        }));
      });
    });
  },
);
