/** A place on a roster. */
export interface Entry<Member> {
  /** Whose place it is. */
  readonly member: Member;
  /** The roster's own affair. */
  before: Entry<Member> | undefined;
  /** The roster's own affair. */
  after: Entry<Member> | undefined;
}

/**
 * What is open of a kind where much comes and goes, in the order in which it has come.
 *
 * No Set: one that has been filled by what was deleted goes over to a new table, to which the old
 * one points. Once a table is in V8's old generation, what was in any table behind it lives on until
 * all of the heap is collected, which here is 3 to 10 KiB for each connection or request: of 40 MiB
 * that a FastCGI server takes, 1 to 4 were kept at each collection of the young; now none is.
 */
export class Roster<Member> implements Iterable<Member> {
  #first: Entry<Member> | undefined;
  #last: Entry<Member> | undefined;

  /** Whether nobody is on it. */
  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  /**
   * Puts one behind the others.
   *
   * @returns What takes it off.
   */
  add(member: Member): Entry<Member> {
    const entry: Entry<Member> = { member, before: this.#last, after: undefined };
    if (this.#last === undefined) {
      this.#first = entry;
    } else {
      this.#last.after = entry;
    }
    this.#last = entry;
    return entry;
  }

  /** Once for each entry. */
  remove(entry: Entry<Member>): void {
    const { before, after } = entry;
    if (before === undefined) {
      this.#first = after;
    } else {
      before.after = after;
    }
    if (after === undefined) {
      this.#last = before;
    } else {
      after.before = before;
    }
    // One that is dead, but in the old generation, would keep its neighbours.
    entry.before = undefined;
    entry.after = undefined;
  }

  /** Those that are on it now, whatever becomes of it meanwhile. */
  [Symbol.iterator](): Iterator<Member> {
    const members: Member[] = [];
    for (let entry = this.#first; entry !== undefined; entry = entry.after) {
      members.push(entry.member);
    }
    return members.values();
  }
}
