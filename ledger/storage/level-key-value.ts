// LevelDB (classic-level) behind KeyValue. Reads of LevelDB do not check its checksums, so what matters carries its own
// (record-codec.ts) or stands under the state's root.

import { ClassicLevel } from "classic-level";
import {
  type Entry,
  type KeyRange,
  type KeyValue,
  type KeyValueView,
  type Operation,
  pageBytesMax,
  pageEntriesMax,
} from "./key-value.ts";
import { storeErrorOf } from "./store-error.ts";

type Level = ClassicLevel<Uint8Array, Uint8Array>;
type Snapshot = ReturnType<Level["snapshot"]>;

/** Behind all keys of the store. */
const noKey = Uint8Array.of(0xff);

export class LevelKeyValue implements KeyValue {
  readonly #level: Level;

  private constructor(level: Level) {
    this.#level = level;
  }

  /** Opens the folder, making an empty one if there is none. @throws what LevelDB reports. */
  static async open(folder: string): Promise<LevelKeyValue> {
    const level: Level = new ClassicLevel(folder, { keyEncoding: "view", valueEncoding: "view" });
    try {
      await level.open();
    } catch (error) {
      await level.close().catch(() => undefined);
      throw error;
    }
    return new LevelKeyValue(level);
  }

  get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#level.get(key).catch((error: unknown) => fail(this.#level, error));
  }

  pages(range: KeyRange): AsyncGenerator<Entry[], void, undefined> {
    return pagesOf(this.#level, range);
  }

  async write(operations: readonly Operation[], sync: boolean): Promise<void> {
    await this.#level.batch(operations as Operation[], { sync });
  }

  /**
   * LevelDB syncs the log that it writes to, and begins a new one every 4 MiB without syncing the old one. Compacting, even no keys at
   * all, puts everything into tables first, and tables are synced.
   */
  async flush(): Promise<void> {
    await this.#level.compactRange(noKey, noKey);
  }

  view(): KeyValueView {
    const level = this.#level;
    const snapshot = level.snapshot();
    return {
      get: (key) => level.get(key, { snapshot }).catch((error: unknown) => fail(level, error)),
      pages: (range) => pagesOf(level, range, snapshot),
      close: () => snapshot.close(),
    };
  }

  close(): Promise<void> {
    return this.#level.close();
  }
}

/** What a read met, in words that name the folder. @throws {StoreError} */
function fail(level: Level, error: unknown): never {
  throw storeErrorOf(level.location, error);
}

async function* pagesOf(level: Level, range: KeyRange, snapshot?: Snapshot): AsyncGenerator<Entry[], void, undefined> {
  const iterator = level.iterator({
    gte: range.from,
    lt: range.to,
    reverse: range.descending ?? false,
    highWaterMarkBytes: pageBytesMax,
    ...(snapshot === undefined ? {} : { snapshot }),
  });
  try {
    for (;;) {
      const page = await iterator.nextv(pageEntriesMax).catch((error: unknown) => fail(level, error));
      if (page.length === 0) return;
      yield page;
    }
  } finally {
    await iterator.close();
  }
}
