/** What ends a command, told in one line and without a stack: its user can do something about it. */
export class Failure extends Error {
  readonly exitCode: 1 | 2;

  /** @param exitCode 2 for a command line that is wrong, as with POSIX utilities. */
  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
