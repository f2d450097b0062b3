// The telemetry log's Merkle tree (RFC 6962 §2.1) kept as C2SP tlog-tiles: 256 hashes a tile, a level up for every full tile.
// Roots and audit paths of any size are folded from stored tiles: at most 255 hashings a tile touched, never the whole log.

import type { Core } from "../../../wasm-core/bindings/core.ts";

/** The part of the WASM core that the log needs. */
export type LogHasher = Pick<Core, "sha256" | "leafHash" | "innerHash">;

/** Where tiles lie. A tile holds 1 to 256 hashes of 32 bytes; the right-most of a level grows until it is full. */
export interface TileStorage {
  readTile(level: number, number: number): Uint8Array | undefined;
  writeTile(level: number, number: number, hashes: Uint8Array): void;
}

export const tileWidth = 256;
const hashBytes = 32;

/** Reads and grows the tree. It keeps nothing itself, so a rolled back transaction leaves it right. */
export class TileTree {
  readonly #storage: TileStorage;
  readonly #hasher: LogHasher;

  constructor(storage: TileStorage, hasher: LogHasher) {
    this.#storage = storage;
    this.#hasher = hasher;
  }

  /** Appends entries to a tree of `size`; the caller wraps it in a transaction. */
  append(size: number, entries: readonly Uint8Array[]): void {
    let hashes: Uint8Array[] = entries.map((entry) => this.#hasher.leafHash(entry));
    let position = size;
    for (let level = 0; hashes.length > 0; level++) {
      const completed: Uint8Array[] = [];
      let taken = 0;
      while (taken < hashes.length) {
        const number = Math.floor(position / tileWidth);
        const offset = position % tileWidth;
        const added = hashes.slice(taken, taken + tileWidth - offset);
        const tile = new Uint8Array((offset + added.length) * hashBytes);
        if (offset > 0) tile.set(this.#tile(level, number, offset, undefined).subarray(0, offset * hashBytes));
        for (const [i, hash] of added.entries()) tile.set(hash, (offset + i) * hashBytes);
        this.#storage.writeTile(level, number, tile);
        if (offset + added.length === tileWidth) completed.push(this.#fold(tile, 0, tileWidth));
        taken += added.length;
        position += added.length;
      }
      hashes = completed;
      position = Math.floor(size / tileWidth ** (level + 1));
    }
  }

  /** Root of the first `size` entries; sha256("") of none. */
  root(size: number): Uint8Array {
    if (size === 0) return this.#hasher.sha256(new Uint8Array(0));
    return this.#rangeRoot(0, size, new Map());
  }

  /** RFC 6962 §2.1.1 audit path of entry `index` in the tree of `size`, from the leaf up. */
  inclusionPath(index: number, size: number): Uint8Array[] {
    if (!Number.isSafeInteger(index) || index < 0 || index >= size)
      throw new RangeError(`no entry ${index} in ${size}`);
    const cache = new Map<string, Uint8Array>();
    const path: Uint8Array[] = [];
    let low = 0;
    let high = size;
    while (high - low > 1) {
      const middle = low + splitOf(high - low);
      if (index < middle) {
        path.push(this.#rangeRoot(middle, high, cache));
        high = middle;
      } else {
        path.push(this.#rangeRoot(low, middle, cache));
        low = middle;
      }
    }
    return path.reverse();
  }

  #rangeRoot(low: number, high: number, cache: Map<string, Uint8Array>): Uint8Array {
    const span = high - low;
    const level = Math.round(Math.log2(span));
    if (2 ** level === span && low % span === 0) return this.#node(level, low / span, cache);
    const middle = low + splitOf(span);
    return this.#hasher.innerHash(this.#rangeRoot(low, middle, cache), this.#rangeRoot(middle, high, cache));
  }

  /** Hash of the perfect subtree number `position` of 2^level entries. */
  #node(level: number, position: number, cache: Map<string, Uint8Array>): Uint8Array {
    const span = 2 ** (level % 8);
    const first = position * span;
    const offset = first % tileWidth;
    const tile = this.#tile(Math.floor(level / 8), Math.floor(first / tileWidth), offset + span, cache);
    return this.#fold(tile, offset, span);
  }

  #tile(level: number, number: number, width: number, cache: Map<string, Uint8Array> | undefined): Uint8Array {
    const name = `${level}/${number}`;
    const tile = cache?.get(name) ?? this.#storage.readTile(level, number);
    if (tile === undefined || tile.length < width * hashBytes) throw new Error(`log tile ${name} is damaged`);
    cache?.set(name, tile);
    return tile;
  }

  #fold(tile: Uint8Array, offset: number, span: number): Uint8Array {
    if (span === 1) return tile.slice(offset * hashBytes, (offset + 1) * hashBytes);
    const half = span / 2;
    return this.#hasher.innerHash(this.#fold(tile, offset, half), this.#fold(tile, offset + half, half));
  }
}

/** The largest power of two below n, n > 1. */
function splitOf(n: number): number {
  let split = 2 ** Math.floor(Math.log2(n));
  while (split >= n) split /= 2;
  while (split * 2 < n) split *= 2;
  return split;
}
