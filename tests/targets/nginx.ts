import { join } from "node:path";
import { pathOf } from "./installed.ts";
import { configured, ERROR_LOG, PID_FILE, startWebServer, type WebServer } from "./webserver.ts";

/**
 * nginx with one site of examples/nginx.
 *
 * @param site `proxy`, `fastcgi`.
 * @param values What is to be changed in the file, beside the port.
 */
export function bootNginx(
  site: string,
  values: Readonly<Record<string, string>>,
): Promise<WebServer> {
  return startWebServer({
    program: pathOf("nginx"),
    site: (port) =>
      configured(`nginx/${site}.conf`, { "listen 80;": `listen 127.0.0.1:${port};`, ...values }),
    configure: (folder, _port, path) => `
      user www-data;
      worker_processes 1;
      daemon off;
      pid ${join(folder, PID_FILE)};
      error_log ${join(folder, ERROR_LOG)};
      events {
        worker_connections 4096;
      }
      http {
        access_log off;
        ${TEMPORARY.map((kind) => `${kind}_temp_path ${join(folder, kind)};`).join("\n")}
        include ${path};
      }
    `,
    parameters(folder, file) {
      const run = ["-p", folder, "-e", join(folder, ERROR_LOG), "-c", file];
      return [["-t", "-q", ...run], run];
    },
  });
}

const TEMPORARY = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
