// A disk in memory for tests, whose power can be cut: batches that were not synced are lost, or only the first of them kept,
// as LevelDB's write-ahead log keeps a prefix of what was written. LevelDB begins a new log from time to time (`beginLog`) and syncs
// only the one that it writes to: what was not synced at the end of an earlier log may be lost, though later batches are there.

import {
  type Entry,
  type KeyRange,
  type KeyValue,
  type KeyValueView,
  type Operation,
  pageEntriesMax,
} from "./key-value.ts";

type Entries = ReadonlyMap<string, Entry>;

interface Batch {
  readonly operations: readonly Operation[];
  readonly log: number;
  synced: boolean;
}

export class MemoryKeyValue implements KeyValue {
  /** By the key's bytes as Latin-1, whose order is that of the bytes. */
  #entries = new Map<string, Entry>();
  /** As on disk, and what was written since. */
  #tables: Entries = new Map();
  #batches: Batch[] = [];
  #log = 0;

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#entries.get(nameOf(key))?.[1];
  }

  pages(range: KeyRange): AsyncGenerator<Entry[], void, undefined> {
    return pagesOf(new Map(this.#entries), range);
  }

  async write(operations: readonly Operation[], sync: boolean): Promise<void> {
    apply(this.#entries, operations);
    this.#batches.push({ operations, log: this.#log, synced: false });
    if (!sync) return;
    for (const batch of this.#batches) batch.synced ||= batch.log === this.#log;
    if (this.#batches.every(({ synced }) => synced)) await this.flush();
  }

  async flush(): Promise<void> {
    this.#tables = new Map(this.#entries);
    this.#batches = [];
  }

  /** What is written from now on stands in another log. */
  beginLog(): void {
    this.#log++;
  }

  view(): KeyValueView {
    const entries = new Map(this.#entries);
    return {
      get: async (key) => entries.get(nameOf(key))?.[1],
      pages: (range) => pagesOf(entries, range),
      close: async () => undefined,
    };
  }

  /** The power fails: of each log's batches that were not synced only the first are there afterwards, as many as `kept` says. */
  cutPower(kept: (unsynced: number) => number = () => 0): void {
    const entries = new Map(this.#tables);
    for (const log of new Set(this.#batches.map((batch) => batch.log))) {
      const unsynced = this.#batches.filter((batch) => batch.log === log && !batch.synced);
      for (const batch of unsynced.slice(0, kept(unsynced.length))) batch.synced = true;
    }
    for (const { operations, synced } of this.#batches) if (synced) apply(entries, operations);
    this.#entries = entries;
    this.#tables = new Map(entries);
    this.#batches = [];
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
