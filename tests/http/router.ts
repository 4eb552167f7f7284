import type { Application, GatewayOptions } from "dram";
import { application, wrong } from "./application.ts";

/** A gateway made for one application; the rest is the platform's own. */
export type Handler<Native extends unknown[]> = (
  request: Request,
  ...native: Native
) => Response | Promise<Response>;

/**
 * The applications of the tests behind one handler: `/wrong/NAME` for what is no application,
 * `/mnt` for a mounted gateway, `/sync?PATH` to tell whether PATH is answered without a promise,
 * all else for the cases.
 */
export function route<Native extends unknown[]>(
  toHandler: (application: Application, options?: GatewayOptions) => Handler<Native>,
): Handler<Native> {
  const main = toHandler(application);
  const mounted = toHandler(application, { scriptName: "/mnt", maxBodySize: 1000 });
  const broken = new Map(
    Object.entries(wrong).map(([name, value]) => [
      `/wrong/${name}`,
      toHandler(asApplication(value)),
    ]),
  );
  return (request, ...native) => {
    const path = request.url.replace(/^[a-z]+:\/\/[^/]*/, "");
    if (path.startsWith("/sync?")) {
      const answer = main(new Request(`http://localhost${path.slice(6)}`), ...native);
      return new Response(answer instanceof Promise ? "a promise" : "at once");
    }
    const handler = broken.get(path) ?? (path.startsWith("/mnt") ? mounted : main);
    return handler(request, ...native);
  };
}

/** What JavaScript lets anybody hand over, whatever the types say. */
function asApplication(value: unknown): Application {
  return value as Application;
}
