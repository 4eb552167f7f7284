import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathOf } from "./installed.ts";
import { configured, ERROR_LOG, PID_FILE, startWebServer, type WebServer } from "./webserver.ts";

/**
 * Apache httpd with one site of examples/apache, and the modules that its `a2enmod` names.
 *
 * @param site `proxy`, `cgi`, `fastcgi`, `fcgid`.
 * @param values What is to be changed in the file, beside the port.
 */
export async function bootApache(
  site: string,
  values: Readonly<Record<string, string>>,
): Promise<WebServer> {
  const file = `apache/${site}.conf`;
  const modules = /a2enmod ([a-z_ ]+)/.exec(configured(file, {}))?.[1]?.trim().split(" ") ?? [];
  const server = await startWebServer({
    program: pathOf("apache2"),
    site: (port) => configured(file, { "*:80>": `*:${port}>`, ...values }),
    configure: (folder, port, path) => `
      ServerName localhost
      ServerRoot /etc/apache2
      DefaultRuntimeDir ${folder}
      PidFile ${join(folder, PID_FILE)}
      ErrorLog ${join(folder, ERROR_LOG)}
      LogLevel warn
      Mutex file:${folder}
      User www-data
      Group www-data
      Listen 127.0.0.1:${port}
      ${[...new Set([...ENABLED, ...modules])].map(enabled).join("\n")}
      <IfModule mod_cgid.c>
        ScriptSock ${join(folder, "cgid.sock")}
      </IfModule>
      <IfModule mod_fcgid.c>
        FcgidIPCDir ${join(folder, "fcgid")}
        FcgidProcessTableFile ${join(folder, "fcgid.shm")}
      </IfModule>
      <Directory />
        AllowOverride None
        Require all denied
      </Directory>
      DocumentRoot ${emptyFolder(folder)}
      <Directory ${folder}>
        Require all granted
      </Directory>
      Include ${path}
    `,
    parameters: (_folder, file) => [
      ["-t", "-f", file],
      ["-D", "FOREGROUND", "-f", file],
    ],
    environment: (folder) => ({ APACHE_RUN_DIR: folder }),
  });
  return {
    ...server,
    get log() {
      return server.log.map(unescaped);
    },
  };
}

/** What Debian enables when it installs Apache, as far as it concerns a request. */
const ENABLED = [
  ...["mpm_event", "alias", "authn_core", "authz_core", "authz_host", "deflate", "dir", "env"],
  ...["filter", "mime", "negotiation", "reqtimeout", "setenvif"],
];

/** A line as it was before Apache wrote what is not ASCII as `\\xe2`. */
function unescaped(line: string): string {
  const bytes = line.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return bytes === line ? line : Buffer.from(bytes, "latin1").toString("utf8");
}

function emptyFolder(folder: string): string {
  const path = join(folder, "www");
  mkdirSync(path);
  return path;
}

/** What `a2enmod` does. */
function enabled(module: string): string {
  const available = join(MODULES, module);
  const needed = /^(proxy)_/.exec(module)?.[1];
  return [
    ...(needed === undefined
      ? []
      : [`<IfModule !mod_${needed}.c>`, enabled(needed), "</IfModule>"]),
    `Include ${available}.load`,
    ...(existsSync(`${available}.conf`) ? [`Include ${available}.conf`] : []),
  ].join("\n");
}

const MODULES = "/etc/apache2/mods-available";
