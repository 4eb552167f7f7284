import type { Subjects } from "../rules/rule.ts";
import { requiredKeys } from "../rules/variables.ts";
import { violations } from "../rules.ts";
import { isThenable } from "../thenable.ts";
import type { Application, Body, Environ, StartResponse } from "../types.ts";
import { callAbove, type Report } from "./call.ts";
import { findingOf, LintError } from "./finding.ts";
import { observe } from "./observe.ts";
import { Recording } from "./recording.ts";
import { Replay } from "./replay.ts";
import { inTime, type Shadow, shadow } from "./shadow.ts";

/** Stress mode of one application: a real run of each request, and others around it. */
export class Stress {
  #application: Application;
  #report: Report;
  #underWay = new Set<Promise<void>>();
  #failure: LintError | undefined;

  constructor(application: Application, report: Report) {
    this.#application = application;
    this.#report = report;
  }

  /** The real run. The others start once the application has come to its first wait. */
  call(environ: Environ, startResponse: StartResponse): Body | Promise<Body> {
    const between = callAbove(environ, startResponse) === undefined ? "gateway" : "middleware";
    const request = copyOf(environ);
    const own = copyOf(environ);
    const replay = new Replay();
    const recording = new Recording();
    own["wsgi.input"] = replay.record(environ["wsgi.input"]);
    const wipe = (): void => {
      wipeOut(environ, (key) => this.#found("late", { key, by: between }, request));
    };
    const returned = observe(this.#application, environ, startResponse, this.#report, {
      environ: own,
      recording,
    });
    const running = this.#surround(request, replay, recording).then(() => {
      this.#underWay.delete(running);
    });
    this.#underWay.add(running);
    request["dram.wait_until"]?.(running);
    if (isThenable(returned)) {
      return returned.then(
        (body) => {
          wipe();
          return body;
        },
        (error: unknown) => {
          wipe();
          throw error;
        },
      );
    }
    wipe();
    return returned;
  }

  /** @throws {LintError} The first finding since the last call. */
  async settle(): Promise<void> {
    while (this.#underWay.size > 0) {
      await Promise.all(this.#underWay);
    }
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) {
      throw failure;
    }
  }

  async #surround(request: Environ, replay: Replay, real: Recording): Promise<void> {
    const again = (own: Environ, truncate = false): Promise<Shadow> =>
      shadow(this.#application, request, own, replay, { truncate });
    const marker = `dram-lint-${++strangers}-stranger`;
    real.ended.then(() => replay.end());
    const [twin] = await Promise.all([
      again(copyOf(request)),
      // The last one is different in everything: what it leaves behind is what the first will find.
      again(somebodyElse(request, marker)),
      again(elsewhere(request, marker)),
    ]);
    const over = await inTime(real.ended);
    replay.end();
    if (replay.overflowed) {
      return;
    }
    const alone = await again(copyOf(request));
    if (!isRight(alone)) {
      // It fails anyhow, or never ends: nothing can be said of the others.
      return;
    }
    const minimal = await again(minimalOf(request));
    const cut = await again(copyOf(request), true);
    const after = await again(copyOf(request));
    const found = (kind: Subjects["run"]["kind"], failure: string): void =>
      this.#found("run", { kind, failure }, request);
    if ([real, twin.recording].some((recording) => recording.includes(marker))) {
      found("together", "the answer holds a part of another request made at the same time");
    } else if (twin.failure !== undefined) {
      found("together", `called again while it was still answering, ${twin.failure}`);
    } else if (
      over &&
      real.complete &&
      twin.settled &&
      // What answers otherwise each time does not do so for being called together.
      alone.recording.answer === after.recording.answer &&
      real.answer !== twin.recording.answer
    ) {
      found("together", "two equal requests at the same time were answered differently");
    }
    if (minimal.failure !== undefined) {
      found("minimal", `without the variables that need not be there, ${minimal.failure}`);
    }
    if (cut.streamed && cut.failure !== undefined) {
      found("truncated", `cut short after its first chunk, ${cut.failure}`);
    } else if (cut.streamed && !isRight(after)) {
      const how = after.failure ?? "the application did not answer";
      found("truncated", `after a body that was cut short, ${how}`);
    }
  }

  /** As the errors of this mode have nobody to be thrown at, they are told, and thrown by `settle`. */
  #found<On extends keyof Subjects>(on: On, subject: Subjects[On], request: Environ): void {
    for (const breach of violations(on, subject)) {
      const finding = findingOf(breach, breach.rule.by);
      this.#failure ??= new LintError(finding);
      this.#report(finding, request["wsgi.errors"]);
    }
  }
}

let strangers = 0;

function isRight({ failure, settled }: Shadow): boolean {
  return failure === undefined && settled;
}

function copyOf(environ: Environ): Environ {
  return Object.assign(Object.create(null), environ);
}

function minimalOf(environ: Environ): Environ {
  const minimal: Environ = Object.create(null);
  for (const key of requiredKeys) {
    minimal[key] = environ[key];
  }
  return minimal;
}

/** A request of somebody else for another path. */
function elsewhere(environ: Environ, marker: string): Environ {
  const copy = somebodyElse(environ, marker);
  copy.PATH_INFO = `${environ.PATH_INFO.replace(/\/$/, "")}/${marker}`;
  copy.REQUEST_URI = copy.PATH_INFO;
  copy.RAW_URI = copy.PATH_INFO;
  copy.QUERY_STRING = marker;
  return copy;
}

/** A request for the same path with other cookies, credentials and parameters. */
function somebodyElse(environ: Environ, marker: string): Environ {
  const copy = copyOf(environ);
  for (const key of Object.keys(copy)) {
    if ((/^HTTP_/.test(key) && key !== "HTTP_HOST") || key === "REMOTE_USER") {
      copy[key] = `${copy[key]}${marker}`;
    }
  }
  copy.QUERY_STRING += `&${marker}=${marker}`;
  return copy;
}

/** Leaves nothing in environ, and tells who looks for it. */
function wipeOut(environ: Environ, tell: (key: string) => void): void {
  for (const key of Object.keys(environ)) {
    Object.defineProperty(environ, key, {
      configurable: true,
      enumerable: false,
      get() {
        tell(key);
        return undefined;
      },
      set(value: unknown) {
        Object.defineProperty(environ, key, {
          configurable: true,
          enumerable: true,
          writable: true,
          value,
        });
      },
    });
  }
}
