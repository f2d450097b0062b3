// What the state machine reads and writes while it executes: records over an unchanged base, kept or dropped as a whole.
// Overlays nest: a transaction's over its block's over the committed state.

import { fromUtf8, utf8 } from "../protocol/bytes.ts";
import { canonicalText } from "../protocol/canonical.ts";
import { compareNames } from "./name-order.ts";
import type { EntryChange, VersionedState } from "./versioned-state.ts";

/** Read access to records by name. Records are the parsed JSON values; treat them as immutable. */
export interface StateReader {
  get<T>(name: string): T | null;
  /** Names with the prefix in the order of their bytes, at most `limit`. */
  list(prefix: string, limit: number): readonly string[];
}

/** Write access to records by name. */
export interface StateWriter extends StateReader {
  set(name: string, record: unknown): void;
  remove(name: string): void;
}

/** The committed state as records. */
export class CommittedReader implements StateReader {
  readonly #state: VersionedState;

  constructor(state: VersionedState) {
    this.#state = state;
  }

  get<T>(name: string): T | null {
    const bytes = this.#state.get(name);
    return bytes === null ? null : (JSON.parse(fromUtf8(bytes)) as T);
  }

  list(prefix: string, limit: number): readonly string[] {
    const names: string[] = [];
    if (limit <= 0) return names;
    for (const name of this.#state.names(prefix)) {
      names.push(name);
      if (names.length >= limit) break;
    }
    return names;
  }
}

/** One record's change, both sides parsed; null where there is none. */
export interface RecordChange {
  readonly name: string;
  readonly before: unknown;
  readonly after: unknown;
}

export class Overlay implements StateWriter {
  readonly #base: StateReader;
  /** Null marks a removal. */
  readonly #written = new Map<string, unknown>();

  constructor(base: StateReader) {
    this.#base = base;
  }

  get<T>(name: string): T | null {
    const written = this.#written.get(name);
    return written === undefined ? this.#base.get<T>(name) : (written as T | null);
  }

  list(prefix: string, limit: number): readonly string[] {
    const mine = [...this.#written.keys()].filter((name) => name.startsWith(prefix));
    if (mine.length === 0) return this.#base.list(prefix, limit);
    // Each removal can hide one name of the base, so that many more must be asked for.
    const names = new Set(this.#base.list(prefix, limit + mine.length));
    for (const name of mine) {
      if (this.#written.get(name) === null) names.delete(name);
      else names.add(name);
    }
    return [...names].sort(compareNames).slice(0, limit);
  }

  set(name: string, record: unknown): void {
    if (record === null || record === undefined) throw new TypeError(`a record cannot be ${record}: ${name}`);
    this.#written.set(name, record);
  }

  remove(name: string): void {
    this.#written.set(name, null);
  }

  /** Hands everything written to the overlay below. */
  mergeInto(below: StateWriter): void {
    for (const [name, record] of this.#written) {
      if (record === null) below.remove(name);
      else below.set(name, record);
    }
  }

  /** What differs from the base, in the order of the names' bytes: as records and as canonical JSON. */
  changes(): { readonly records: readonly RecordChange[]; readonly entries: readonly EntryChange[] } {
    const records: RecordChange[] = [];
    const entries: EntryChange[] = [];
    const sorted = [...this.#written].sort(([a], [b]) => compareNames(a, b));
    for (const [name, after] of sorted) {
      const before = this.#base.get<unknown>(name);
      const text = after === null ? null : canonicalText(after);
      if (before === null ? text === null : text !== null && text === canonicalText(before)) continue;
      records.push({ name, before, after });
      entries.push({ name, value: text === null ? null : utf8(text) });
    }
    return { records, entries };
  }
}
