// A disk in memory for tests, whose power can be cut: batches that were not synced are lost, or only the first of them kept,
// as LevelDB's write-ahead log keeps a prefix of what was written.

import {
  type Entry,
  type KeyRange,
  type KeyValue,
  type KeyValueView,
  type Operation,
  pageEntriesMax,
} from "./key-value.ts";

type Entries = ReadonlyMap<string, Entry>;

export class MemoryKeyValue implements KeyValue {
  /** By the key's bytes as Latin-1, whose order is that of the bytes. */
  #entries = new Map<string, Entry>();
  /** As on disk, and what was written since. */
  #synced: Entries = new Map();
  #unsynced: (readonly Operation[])[] = [];

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#entries.get(nameOf(key))?.[1];
  }

  pages(range: KeyRange): AsyncGenerator<Entry[], void, undefined> {
    return pagesOf(new Map(this.#entries), range);
  }

  async write(operations: readonly Operation[], sync: boolean): Promise<void> {
    apply(this.#entries, operations);
    this.#unsynced.push(operations);
    if (!sync) return;
    this.#synced = new Map(this.#entries);
    this.#unsynced = [];
  }

  async flush(): Promise<void> {
    this.#synced = new Map(this.#entries);
    this.#unsynced = [];
  }

  view(): KeyValueView {
    const entries = new Map(this.#entries);
    return {
      get: async (key) => entries.get(nameOf(key))?.[1],
      pages: (range) => pagesOf(entries, range),
      close: async () => undefined,
    };
  }

  /** The power fails: of the batches that were not synced only the first `kept` are there afterwards. */
  cutPower(kept = 0): void {
    this.#entries = new Map(this.#synced);
    for (const operations of this.#unsynced.slice(0, kept)) apply(this.#entries, operations);
    this.#synced = new Map(this.#entries);
    this.#unsynced = [];
  }

  get unsyncedBatches(): number {
    return this.#unsynced.length;
  }

  async close(): Promise<void> {}
}

function apply(entries: Map<string, Entry>, operations: readonly Operation[]): void {
  for (const operation of operations) {
    const name = nameOf(operation.key);
    if (operation.type === "del") entries.delete(name);
    else entries.set(name, [Uint8Array.from(operation.key), Uint8Array.from(operation.value)]);
  }
}

async function* pagesOf(entries: Entries, range: KeyRange): AsyncGenerator<Entry[], void, undefined> {
  const [from, to] = [nameOf(range.from), nameOf(range.to)];
  const names = [...entries.keys()].filter((name) => name >= from && name < to).sort();
  if (range.descending === true) names.reverse();
  for (let at = 0; at < names.length; at += pageEntriesMax)
    yield names.slice(at, at + pageEntriesMax).map((name) => entries.get(name)!);
}

function nameOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString("latin1");
}
