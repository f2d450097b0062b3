// The reader that queries run on: it reads the state of one height and remembers what it showed, so that an answer can be proven
// entry by entry. Bounded by the entries that one answer may read.

import { fromUtf8, utf8 } from "../protocol/bytes.ts";
import { stateNameBytesMax } from "../state/versioned-state.ts";
import { type NamePage, type QueryReader, QueryTooLarge } from "./query.ts";

/** The state of one height, as bytes. */
export interface StateAtHeight {
  readonly height: number;
  value(name: string): Uint8Array | null;
  /** @throws {RangeError} when the names of that height are not known any more. */
  names(prefix: string, after: string | undefined, descending: boolean): Iterable<string>;
}

export class RecordingReader implements QueryReader {
  readonly #state: StateAtHeight;
  readonly #entriesMax: number;
  readonly #read = new Map<string, Uint8Array | null>();

  constructor(state: StateAtHeight, entriesMax: number) {
    this.#state = state;
    this.#entriesMax = entriesMax;
  }

  get height(): number {
    return this.#state.height;
  }

  /** Every entry that was shown, absent ones as null, in the order in which they were first read. */
  get entries(): readonly (readonly [name: string, value: Uint8Array | null])[] {
    return [...this.#read];
  }

  get<T>(name: string): T | null {
    const bytes = this.#value(name);
    return bytes === null ? null : (JSON.parse(fromUtf8(bytes)) as T);
  }

  list(prefix: string, limit: number): readonly string[] {
    return this.page(prefix, { limit });
  }

  page(prefix: string, { limit, after, descending = false }: NamePage): readonly string[] {
    const names: string[] = [];
    if (limit <= 0) return names;
    for (const name of this.#state.names(prefix, after, descending)) {
      this.#value(name);
      names.push(name);
      if (names.length >= limit) break;
    }
    return names;
  }

  #value(name: string): Uint8Array | null {
    const known = this.#read.get(name);
    if (known !== undefined) return known;
    // No entry can have such a name (ST-9), so that there is nothing to prove either.
    if (name.length > stateNameBytesMax || utf8(name).length > stateNameBytesMax) return null;
    if (this.#read.size >= this.#entriesMax) throw new QueryTooLarge(this.#entriesMax);
    const bytes = this.#state.value(name);
    this.#read.set(name, bytes);
    return bytes;
  }
}
