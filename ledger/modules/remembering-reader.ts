// A reader that remembers what it showed while one check or one block lasts: records that are read several times are parsed once,
// and it can be told afterwards on which entries a verdict rests. Over a state that does not change meanwhile.

import type { StateReader } from "../state/overlay.ts";

export class RememberingReader implements StateReader {
  readonly #base: StateReader;
  readonly #records = new Map<string, unknown>();
  readonly #prefixes = new Set<string>();

  constructor(base: StateReader) {
    this.#base = base;
  }

  /** Names of the records that were read. */
  get names(): Iterable<string> {
    return this.#records.keys();
  }

  /** Prefixes of the names that were listed. */
  get prefixes(): Iterable<string> {
    return this.#prefixes;
  }

  get<T>(name: string): T | null {
    const known = this.#records.get(name);
    if (known !== undefined) return known as T | null;
    const record = this.#base.get<T>(name);
    freeze(record);
    this.#records.set(name, record);
    return record;
  }

  list(prefix: string, limit: number): readonly string[] {
    this.#prefixes.add(prefix);
    return this.#base.list(prefix, limit);
  }
}

/** Whoever changed a record in place would change it for all who read it later, and it would not count as written. */
function freeze(record: unknown): void {
  if (typeof record !== "object" || record === null) return;
  Object.freeze(record);
  for (const member of Object.values(record)) freeze(member);
}
