import { existsSync } from "node:fs";

/** What some tests need of the system: where it is, and the Debian package that has it. */
const PROGRAMS = {
  apache2: ["/usr/sbin/apache2", "apache2"],
  chromium: ["/usr/bin/chromium", "chromium"],
  mod_fcgid: ["/usr/lib/apache2/modules/mod_fcgid.so", "libapache2-mod-fcgid"],
  nginx: ["/usr/sbin/nginx", "nginx-light"],
  openssl: ["/usr/bin/openssl", "openssl"],
  python3: ["/usr/bin/python3", "python3"],
} as const;

export type Program = keyof typeof PROGRAMS;

/**
 * Whether the system has these programs. Tests without theirs do not run: the end of `npm test` says
 * so, and with `CI=true` it fails.
 */
export function isInstalled(...programs: readonly Program[]): boolean {
  return programs.every((program) => existsSync(PROGRAMS[program][0]));
}

export function pathOf(program: Program): string {
  return PROGRAMS[program][0];
}

/** What is missing, and how to install it; nothing if nothing is. */
export function missingPrograms(): string | undefined {
  const missing = Object.values(PROGRAMS).filter(([path]) => !existsSync(path));
  if (missing.length === 0) {
    return undefined;
  }
  const paths = missing.map(([path]) => path).join(", ");
  const packages = missing.map(([, name]) => name).join(" ");
  return `Not run: the tests that need ${paths}. To install: apt-get install --no-install-recommends ${packages}`;
}
