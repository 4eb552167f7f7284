/** What a site is made of. */
export interface Site {
  /** As PyPI calls them; in Debian each has `python3-` before its name. */
  readonly packages: readonly string[];
  /** What else comes from one archive only, or by another name. */
  readonly debian?: readonly string[];
  readonly pip?: readonly string[];
  /** Modules beside this file that stand in for some that only a compiler can make. */
  readonly modules?: readonly string[];
}

const FLASK = ["blinker", "click", "flask", "itsdangerous", "jinja2", "markupsafe", "werkzeug"];

export const SITES: Readonly<Record<string, Site>> = {
  flask: { packages: FLASK },
  django: {
    packages: ["asgiref", "django", "sqlparse"],
    // Debian's Django leads to the jQuery of its admin and to the time zones by links.
    debian: ["libjs-jquery", "tzdata"],
    pip: ["tzdata"],
  },
  werkzeug: { packages: ["markupsafe", "werkzeug"] },
  httpbin: { packages: [...FLASK, "decorator", "httpbin", "six"], modules: ["brotlicffi"] },
  starlette: { packages: ["anyio", "idna", "python-multipart", "starlette", "typing-extensions"] },
  gunicorn: { packages: ["gunicorn", "packaging"] },
};
