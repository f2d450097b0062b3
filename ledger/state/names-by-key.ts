// The names of one moment in the order of their keys, sha256(name), which is the tree's. The tree does not know names, so snapshots
// find them here: names in buckets by the first bits of their keys, 4 bytes a name. Made in steps, so that nobody waits for long.

import { LeafCursor, type NameLeaf } from "./name-leaf.ts";
import { compareBytes } from "./name-order.ts";
import type { FrozenNames } from "./ordered-names.ts";
import type { SnapshotHasher } from "./snapshot.ts";

/** Names to a bucket, about; buckets at most. */
const bucketNames = 8;
const bucketBitsMax = 22;
/** Names hashed in one step. */
const stepNames = 2048;

export interface KeyedName {
  readonly key: Uint8Array;
  readonly name: Uint8Array;
}

export class NamesByKey {
  readonly #hasher: SnapshotHasher;
  readonly #leaves: readonly NameLeaf[];
  /** Number, in the order of names, of each leaf's first name. */
  readonly #leafStarts: Uint32Array;
  readonly #bits: number;
  /** Where each bucket starts in `#numbers`, and where the last one ends. */
  readonly #starts: Uint32Array;
  /** Names, by their numbers, bucket by bucket. */
  readonly #numbers: Uint32Array;
  readonly #cursor = new LeafCursor();

  private constructor(
    hasher: SnapshotHasher,
    leaves: readonly NameLeaf[],
    leafStarts: Uint32Array,
    bits: number,
    starts: Uint32Array,
    numbers: Uint32Array,
  ) {
    this.#hasher = hasher;
    this.#leaves = leaves;
    this.#leafStarts = leafStarts;
    this.#bits = bits;
    this.#starts = starts;
    this.#numbers = numbers;
  }

  static *build(names: FrozenNames, hasher: SnapshotHasher): Generator<void, NamesByKey, undefined> {
    const leaves = [...names.leaves()];
    const leafStarts = new Uint32Array(leaves.length);
    const bits = Math.max(0, Math.min(bucketBitsMax, Math.ceil(Math.log2((names.size + 1) / bucketNames))));
    const starts = new Uint32Array(2 ** bits + 1);
    const buckets = new Uint32Array(names.size);
    let number = 0;
    let group: Uint8Array[] = [];
    const countGroup = (): void => {
      const keys = hasher.sha256All(group);
      for (let i = 0; i < group.length; i++) {
        const bucket = bucketOf(keys, i * 32, bits);
        buckets[number++] = bucket;
        starts[bucket + 1]!++;
      }
      group = [];
    };
    const cursor = new LeafCursor();
    for (const [at, leaf] of leaves.entries()) {
      leafStarts[at] = number + group.length;
      cursor.open(leaf);
      while (cursor.next()) group.push(cursor.bytes.slice(0, cursor.length));
      if (group.length < stepNames) continue;
      countGroup();
      yield;
    }
    countGroup();
    for (let bucket = 0; bucket < 2 ** bits; bucket++) starts[bucket + 1]! += starts[bucket]!;
    const next = starts.slice(0, -1);
    const numbers = new Uint32Array(names.size);
    for (let at = 0; at < numbers.length; at++) numbers[next[buckets[at]!]!++] = at;
    yield;
    return new NamesByKey(hasher, leaves, leafStarts, bits, starts, numbers);
  }

  /** Names in the order of their keys, from the key on. */
  *from(key: Uint8Array): Generator<KeyedName, void, undefined> {
    const last = this.#starts.length - 1;
    let bucket = bucketOf(key, 0, this.#bits);
    let skipping = true;
    // The first steps are small, for those who want few.
    for (let wanted = 256; bucket < last; wanted = stepNames) {
      const first = this.#starts[bucket]!;
      while (bucket < last && this.#starts[bucket]! - first < wanted) bucket++;
      const names = Array.from(this.#numbers.subarray(first, this.#starts[bucket]), (number) => this.#nameOf(number));
      const keys = this.#hasher.sha256All(names);
      const keyed = names.map((name, at) => ({ key: keys.subarray(at * 32, at * 32 + 32), name }));
      keyed.sort((a, b) => compareBytes(a.key, b.key));
      for (const one of keyed) {
        skipping &&= compareBytes(one.key, key) < 0;
        if (!skipping) yield one;
      }
    }
  }

  #nameOf(number: number): Uint8Array {
    let low = 0;
    let high = this.#leafStarts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#leafStarts[middle]! <= number) low = middle + 1;
      else high = middle;
    }
    const cursor = this.#cursor.open(this.#leaves[low - 1]!);
    for (let skip = number - this.#leafStarts[low - 1]!; skip >= 0; skip--) cursor.next();
    return cursor.bytes.slice(0, cursor.length);
  }
}

/** The key's first bits as a number. */
function bucketOf(keys: Uint8Array, at: number, bits: number): number {
  const first = ((keys[at]! << 24) | (keys[at + 1]! << 16) | (keys[at + 2]! << 8) | keys[at + 3]!) >>> 0;
  return bits === 0 ? 0 : first >>> (32 - bits);
}
