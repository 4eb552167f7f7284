import { checkGiven, isName, isTime } from "../../../adapters/process/mod.ts";
import { checkOption, consoleErrors, type ErrorStream, isErrorStream } from "../../../core/mod.ts";
import { isApp, isEnvironment } from "../options.ts";
import { MAX_WAITING, STEP_TIME } from "./limits.ts";

/** What is run, and with what. */
export interface PythonProcessOptions {
  /** `module:attribute`, as gunicorn has it; the attribute may be dotted, and with `()` it is called. */
  app: string;
  /** The program, 3.9 or later: that of a virtual environment, for one. Default `python3`. */
  python?: string;
  /** Folders for `sys.path`, behind the working directory. */
  site?: readonly string[];
  /** The working directory, where `app` is looked for first. Default: this process's. */
  cwd?: string;
  /** For `os.environ`, beside what this process has. */
  environment?: Readonly<Record<string, string>>;
  /** Processes. Default 1. */
  workers?: number;
  /**
   * Requests that one process has in hand at a time, each in a thread of its own; above 1,
   * `wsgi.multithread` is true. Default 1.
   */
  threads?: number;
  /** Requests that wait while all are busy; one more is answered 503. Default 1024. */
  queue?: number;
  /**
   * Milliseconds that the application may take for one step: to be imported, to begin its response,
   * to make its next chunk. After that its process is killed, and the request answered 504. What its
   * client takes does not count. Default 30,000; 0 for no limit.
   */
  timeout?: number;
  /**
   * Where lines about the processes go, and what they print. What the application writes to
   * `wsgi.errors` goes there. Default: `console.error`.
   */
  errors?: ErrorStream;
}

/** What each process runs. */
export interface Program {
  /** Modules of Python and their source; the last one has `serve(app, threads)`. */
  readonly modules: readonly (readonly [name: string, source: string])[];
  /** Calls that a process has in hand at a time. */
  readonly calls: number;
}

/** What one process is started with. */
export type WorkerOptions = Omit<Required<PythonProcessOptions>, "workers" | "queue"> & Program;

/** Checked, with the defaults. */
export type PoolOptions = Required<PythonProcessOptions>;

/** @throws {DramError} `ERR_OPTION`, naming the option, what was found and what was wanted. */
export function checkOptions(options: PythonProcessOptions): PoolOptions {
  checkOption("app", options.app, isApp, 'a string such as "module:attribute"');
  checkGiven(options, "python", isName, "the path of a program");
  checkGiven(options, "site", isList, "a list of folders");
  checkGiven(options, "cwd", isName, "the path of a folder");
  checkGiven(options, "environment", isEnvironment, "an object of strings");
  checkGiven(options, "workers", isCount, "a number of processes, at least 1");
  checkGiven(options, "threads", isCount, "a number of threads, at least 1");
  checkGiven(options, "queue", isTime, "a number of requests");
  checkGiven(options, "timeout", isTime, "a whole number of milliseconds");
  checkGiven(options, "errors", isErrorStream, "an object with write, writelines and flush");
  const { python = "python3", site = [], cwd = process.cwd(), environment = {} } = options;
  const { workers = 1, threads = 1, queue = MAX_WAITING, timeout = STEP_TIME } = options;
  const { app, errors = consoleErrors } = options;
  return { app, python, site, cwd, environment, workers, threads, queue, timeout, errors };
}

function isList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isName);
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1;
}
