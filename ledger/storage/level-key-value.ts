// LevelDB (classic-level) behind KeyValue. Reads of LevelDB do not check its checksums, so what matters carries its own
// (record-codec.ts) or stands under the state's root.

import { copyFile, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
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
  /** What messages name. */
  readonly #folder: string;
  /** Removed at the end. */
  readonly #scratch: string | null;

  private constructor(level: Level, folder: string, scratch: string | null) {
    this.#level = level;
    this.#folder = folder;
    this.#scratch = scratch;
  }

  /** Opens the folder, making an empty one if there is none. @throws what LevelDB reports. */
  static async open(folder: string): Promise<LevelKeyValue> {
    return new LevelKeyValue(await opened(folder), folder, null);
  }

  /**
   * Opens a folder without changing it, so that it may stand on read-only media: LevelDB writes even to read. Its tables are led to
   * from a temporary folder, its log and manifest (some MiB) are copied there. Nobody may write to the folder meanwhile.
   */
  static async openUntouched(folder: string): Promise<LevelKeyValue> {
    const scratch = await mkdtemp(join(tmpdir(), "glasstown-reading-"));
    try {
      for (const name of await readdir(folder)) {
        const [from, to] = [resolve(folder, name), join(scratch, name)];
        if (/^\d+\.(ldb|sst)$/.test(name)) await symlink(from, to).catch(() => copyFile(from, to));
        else if (/^(CURRENT|MANIFEST-\d+|\d+\.log)$/.test(name)) await copyFile(from, to);
      }
      return new LevelKeyValue(await opened(scratch), folder, scratch);
    } catch (error) {
      await rm(scratch, { recursive: true, force: true });
      throw error;
    }
  }

  get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#level.get(key).catch((error: unknown) => fail(this.#folder, error));
  }

  pages(range: KeyRange): AsyncGenerator<Entry[], void, undefined> {
    return pagesOf(this.#level, this.#folder, range);
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
    const [level, folder] = [this.#level, this.#folder];
    const snapshot = level.snapshot();
    return {
      get: (key) => level.get(key, { snapshot }).catch((error: unknown) => fail(folder, error)),
      pages: (range) => pagesOf(level, folder, range, snapshot),
      close: () => snapshot.close(),
    };
  }

  async close(): Promise<void> {
    await this.#level.close();
    if (this.#scratch !== null) await rm(this.#scratch, { recursive: true, force: true });
  }
}

async function opened(folder: string): Promise<Level> {
  const level: Level = new ClassicLevel(folder, { keyEncoding: "view", valueEncoding: "view" });
  try {
    await level.open();
  } catch (error) {
    await level.close().catch(() => undefined);
    throw error;
  }
  return level;
}

/** What a read met, in words that name the folder. @throws {StoreError} */
function fail(folder: string, error: unknown): never {
  throw storeErrorOf(folder, error);
}

async function* pagesOf(
  level: Level,
  folder: string,
  range: KeyRange,
  snapshot?: Snapshot,
): AsyncGenerator<Entry[], void, undefined> {
  const iterator = level.iterator({
    gte: range.from,
    lt: range.to,
    reverse: range.descending ?? false,
    highWaterMarkBytes: pageBytesMax,
    ...(snapshot === undefined ? {} : { snapshot }),
  });
  try {
    for (;;) {
      const page = await iterator.nextv(pageEntriesMax).catch((error: unknown) => fail(folder, error));
      if (page.length === 0) return;
      yield page;
    }
  } finally {
    await iterator.close();
  }
}
