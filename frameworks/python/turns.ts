/** One after the other, in the order of arrival. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Waits for the turns before this one; the caller ends its own by calling what it gets. */
  async take(): Promise<() => void> {
    const before = this.#last;
    let end: () => void = () => {};
    this.#last = new Promise((resolve) => {
      end = resolve;
    });
    await before;
    return end;
  }
}
