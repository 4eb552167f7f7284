import { join } from "node:path";
import { configured, startWebServer, type WebServer } from "./webserver.ts";

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
    program: "/usr/sbin/nginx",
    site: configured(`nginx/${site}.conf`, { "listen 80;": "listen 127.0.0.1:PORT;", ...values }),
    configure: (folder, _port, path) => `
      user www-data;
      worker_processes 1;
      daemon off;
      pid ${join(folder, "nginx.pid")};
      error_log stderr;
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
      const run = ["-p", folder, "-e", "stderr", "-c", file];
      return [["-t", "-q", ...run], run];
    },
  });
}

const TEMPORARY = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
