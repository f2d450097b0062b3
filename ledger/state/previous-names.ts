// Names of the version before the current one, so that lists can be proven: a proof needs the root of a header that exists,
// and the newest root stands in no header yet. Holds one block's changes; costs as much as they are.

import { compareNames } from "./name-order.ts";
import type { RecordChange } from "./overlay.ts";

export class PreviousNames {
  readonly #came = new Set<string>();
  /** Ascending, as the changes are. */
  readonly #went: readonly string[];

  /** @param changes of the newest block, ascending by name. */
  constructor(changes: readonly RecordChange[]) {
    const went: string[] = [];
    for (const { name, before, after } of changes) {
      if (before === null) this.#came.add(name);
      else if (after === null) went.push(name);
    }
    this.#went = went;
  }

  /** The names that were there before the newest block, out of those that are there now in the same order. */
  *merge(now: Iterable<string>, prefix: string, after: string | undefined, descending: boolean): Generator<string> {
    const before = (a: string, b: string): boolean => (descending ? compareNames(b, a) : compareNames(a, b)) < 0;
    const gone = this.#went.filter((name) => name.startsWith(prefix) && (after === undefined || before(after, name)));
    if (descending) gone.reverse();
    let next = 0;
    for (const name of now) {
      while (next < gone.length && before(gone[next]!, name)) yield gone[next++]!;
      if (!this.#came.has(name)) yield name;
    }
    while (next < gone.length) yield gone[next++]!;
  }
}
