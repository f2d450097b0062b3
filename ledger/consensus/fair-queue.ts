// Self-clocked fair queueing (Golestani 1994) over accounts: a transaction gets its place when it comes, by the turn in which it
// would be done. Accounts take turns, large transactions count for several turns, one account's own keep their order of arrival,
// and an entry of several accounts waits for the earlier ones of each. Bounds are the mempool's.

/** Bytes that count as one turn. */
const turnBytes = 4_096;

export interface Entry {
  readonly id: string;
  readonly bytes: Uint8Array;
  /** Each once. */
  readonly by: readonly string[];
}

interface Waiting<T extends Entry> {
  readonly entry: T;
  /** The turn at which it is done. */
  readonly end: number;
}

interface Account<T extends Entry> {
  /** The turn at which its newest entry is done: what comes next starts there. */
  next: number;
  /** Turns that its waiting entries take. */
  turns: number;
  /** In order of arrival. */
  readonly waiting: Waiting<T>[];
}

/** Turns that an entry takes. */
export function turnsOf(entry: Entry): number {
  return 1 + Math.floor(entry.bytes.length / turnBytes);
}

export class FairQueue<T extends Entry> {
  /** Ascending by end, in order of arrival where ends are equal. */
  #order: Waiting<T>[] = [];
  readonly #accounts = new Map<string, Account<T>>();
  /** Accounts by the turns that they wait for, to find the one with the most. */
  readonly #byTurns = new Map<number, Set<string>>();
  #turnsMost = 0;
  /** The turn that was served last. */
  #now = 0;
  #bytes = 0;

  get size(): number {
    return this.#order.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(entry: T): void {
    const accounts = entry.by.map((account) => this.#account(account));
    const start = Math.max(this.#now, ...accounts.map(({ next }) => next));
    const waiting: Waiting<T> = { entry, end: start + turnsOf(entry) };
    this.#order.splice(this.#placeOf(waiting.end), 0, waiting);
    this.#bytes += entry.bytes.length;
    for (const account of accounts) {
      account.next = waiting.end;
      account.waiting.push(waiting);
    }
    this.#count(entry, 1);
  }

  /** Takes out entries that are in it, wherever they stand. */
  remove(entries: Iterable<T>): void {
    const gone = new Set<T>(entries);
    if (gone.size === 0) return;
    this.#order = this.#order.filter(({ entry }) => !gone.has(entry));
    for (const entry of gone) {
      this.#bytes -= entry.bytes.length;
      this.#count(entry, -1);
      for (const name of entry.by) this.#forget(name, entry);
    }
  }

  /** In the order in which they are served. */
  *[Symbol.iterator](): Generator<T> {
    for (const { entry } of this.#order) yield entry;
  }

  /** What was served: accounts that come later begin behind it. */
  served(entries: Iterable<T>): void {
    const chosen = new Set<T>(entries);
    for (const { entry, end } of this.#order) if (chosen.has(entry)) this.#now = Math.max(this.#now, end);
  }

  /** Turns that an account waits for. */
  turnsOf(account: string): number {
    return this.#accounts.get(account)?.turns ?? 0;
  }

  /** The account that waits for the most turns, with its entries in order of arrival; null when none waits. */
  busiest(): { readonly account: string; readonly turns: number; readonly entries: readonly T[] } | null {
    const account = this.#byTurns.get(this.#turnsMost)?.values().next().value;
    if (account === undefined) return null;
    const { turns, waiting } = this.#account(account);
    return { account, turns, entries: waiting.map(({ entry }) => entry) };
  }

  #account(name: string): Account<T> {
    const known = this.#accounts.get(name);
    if (known !== undefined) return known;
    const account: Account<T> = { next: this.#now, turns: 0, waiting: [] };
    this.#accounts.set(name, account);
    return account;
  }

  #forget(name: string, entry: T): void {
    const account = this.#account(name);
    const at = account.waiting.findIndex((each) => each.entry === entry);
    account.waiting.splice(at, 1);
    const newest = account.waiting.at(-1);
    if (newest === undefined) this.#accounts.delete(name);
    // Its newest one gives its turn back, so that what was pushed out does not count, nor whom it had to wait for.
    else if (at === account.waiting.length) account.next = newest.end;
  }

  #count(entry: T, sign: 1 | -1): void {
    for (const name of entry.by) {
      const account = this.#account(name);
      const before = this.#byTurns.get(account.turns);
      before?.delete(name);
      if (before?.size === 0) this.#byTurns.delete(account.turns);
      account.turns += sign * turnsOf(entry);
      if (account.turns === 0) continue;
      const now = this.#byTurns.get(account.turns) ?? new Set();
      this.#byTurns.set(account.turns, now.add(name));
      this.#turnsMost = Math.max(this.#turnsMost, account.turns);
    }
    while (this.#turnsMost > 0 && !this.#byTurns.has(this.#turnsMost)) this.#turnsMost--;
  }

  /** Where a newcomer with this end belongs: behind all that end no later. */
  #placeOf(end: number): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#order[middle]!.end <= end) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
