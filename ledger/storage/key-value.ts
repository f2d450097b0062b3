// What the store needs of an engine: ordered bytes, atomic synced batches, views that stand still while others write.
// Two implementations: LevelDB (level-key-value.ts) and, in tests, a disk in memory whose power can be cut.

export type Operation =
  | { readonly type: "put"; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: "del"; readonly key: Uint8Array };

/** Keys from `from` (included) to `to` (excluded), in the order of their bytes. */
export interface KeyRange {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly descending?: boolean;
}

export type Entry = [key: Uint8Array, value: Uint8Array];

/** Entries of a page at most; it ends earlier at about 1 MiB. */
export const pageEntriesMax = 1_000;
export const pageBytesMax = 1_048_576;

/** Reads; within one call of `pages` all pages are of one moment. */
export interface KeyValueReader {
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  /** The range in pages that are never empty. Ends its work when the caller breaks off. */
  pages(range: KeyRange): AsyncGenerator<Entry[], void, undefined>;
}

/** A view of one moment; close it when done. */
export interface KeyValueView extends KeyValueReader {
  close(): Promise<void>;
}

export interface KeyValue extends KeyValueReader {
  /** All operations or none; with `sync` on disk when the promise resolves. */
  write(operations: readonly Operation[], sync: boolean): Promise<void>;
  /** Takes everything that was written to the disk. A synced write does so only for what its log holds. */
  flush(): Promise<void>;
  /** What stands there now, whatever is written later. */
  view(): KeyValueView;
  close(): Promise<void>;
}
