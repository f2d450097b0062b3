// The authenticated map: a path-compressed binary (crit-bit) tree over 32-byte keys, most significant bit first.
// Hashing as RFC 6962 with the leaf encoding of ICS-23's tendermint spec: leaf sha256(00|20|K|20|sha256(value)), inner
// sha256(01|l|r), empty sha256(""). Nodes are immutable and shared between versions. The shape depends on the keys alone.

import type { Hasher } from "./hasher.ts";

export interface Leaf {
  readonly kind: "leaf";
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly hash: Uint8Array;
}

export interface Inner {
  readonly kind: "inner";
  /** Key of a leaf below: all leaves below share its first `bit` bits. */
  readonly key: Uint8Array;
  /** First bit at which the two sides differ, 0 to 255. Keys with a 0 there are on the left. */
  readonly bit: number;
  readonly left: Node;
  readonly right: Node;
  readonly hash: Uint8Array;
}

export type Node = Leaf | Inner;
/** A tree; null is the empty one. */
export type Tree = Node | null;

/** A change of one key; value null removes it. */
export interface TreeChange {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

const keyBytes = 32;
const keyBits = 256;

/** Orders keys as the tree does: bytewise. */
export function compareKeys(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < keyBytes; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Number of leading bits that two keys share, 0 to 256. */
function sharedBits(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < keyBytes; i++) {
    const difference = a[i]! ^ b[i]!;
    if (difference !== 0) return i * 8 + Math.clz32(difference) - 24;
  }
  return keyBits;
}

function bitOf(key: Uint8Array, bit: number): number {
  return (key[bit >> 3]! >> (7 - (bit & 7))) & 1;
}

/** Root hash of a tree. */
export function rootOf(tree: Tree, hasher: Hasher): Uint8Array {
  return tree === null ? hasher.sha256(new Uint8Array(0)) : tree.hash;
}

/** The leaf of a key, if there is one. */
export function findLeaf(tree: Tree, key: Uint8Array): Leaf | null {
  let node = tree;
  while (node !== null && node.kind === "inner") node = bitOf(key, node.bit) === 0 ? node.left : node.right;
  return node !== null && compareKeys(node.key, key) === 0 ? node : null;
}

/** Writes trees. Holds scratch space, so one writer serves one thread. */
export class TreeWriter {
  readonly #hasher: Hasher;
  readonly #leafScratch = new Uint8Array(3 + 2 * keyBytes);
  readonly #innerScratch = new Uint8Array(1 + 2 * keyBytes);

  constructor(hasher: Hasher) {
    this.#hasher = hasher;
    this.#leafScratch[1] = keyBytes;
    this.#leafScratch[2 + keyBytes] = keyBytes;
    this.#innerScratch[0] = 1;
  }

  /**
   * Applies changes in one pass; only new nodes are hashed, each once. The old tree stays as it was.
   * @throws {RangeError} when a key is not 32 bytes or comes twice.
   */
  update(tree: Tree, changes: readonly TreeChange[]): Tree {
    const sorted = [...changes].sort((a, b) => compareKeys(a.key, b.key));
    for (let i = 0; i < sorted.length; i++) {
      const { key } = sorted[i]!;
      if (key.length !== keyBytes) throw new RangeError(`a tree key has ${keyBytes} bytes, not ${key.length}`);
      if (i > 0 && compareKeys(sorted[i - 1]!.key, key) === 0) throw new RangeError("a key changes twice in one batch");
    }
    return this.#apply(tree, sorted, 0, sorted.length);
  }

  /** Changes `from` to `to` (exclusive) all belong at or above `tree`. Depth of recursion is at most 256. */
  #apply(tree: Tree, changes: readonly TreeChange[], from: number, to: number): Tree {
    if (from === to) return tree;
    const first = changes[from]!;
    const last = changes[to - 1]!;
    // Where the changed keys, and the keys already there, part for the first time.
    let bit = sharedBits(first.key, last.key);
    if (tree !== null) {
      bit = Math.min(bit, sharedBits(first.key, tree.key), tree.kind === "inner" ? tree.bit : keyBits);
    }
    if (bit === keyBits) return this.#leaf(tree, first);
    const middle = firstWithBit(changes, from, to, bit);
    if (tree === null) {
      return this.#join(null, bit, this.#apply(null, changes, from, middle), this.#apply(null, changes, middle, to));
    }
    if (tree.kind === "inner" && tree.bit === bit) {
      const left = this.#apply(tree.left, changes, from, middle);
      return this.#join(tree, bit, left, this.#apply(tree.right, changes, middle, to));
    }
    const treeIsLeft = bitOf(tree.key, bit) === 0;
    const left = this.#apply(treeIsLeft ? tree : null, changes, from, middle);
    return this.#join(null, bit, left, this.#apply(treeIsLeft ? null : tree, changes, middle, to));
  }

  #leaf(tree: Tree, change: TreeChange): Tree {
    if (change.value === null) return null;
    if (tree !== null && tree.kind === "leaf" && sameBytes(tree.value, change.value)) return tree;
    const scratch = this.#leafScratch;
    scratch.set(change.key, 2);
    scratch.set(this.#hasher.sha256(change.value), 3 + keyBytes);
    return { kind: "leaf", key: change.key, value: change.value, hash: this.#hasher.sha256(scratch) };
  }

  #join(old: Inner | null, bit: number, left: Tree, right: Tree): Tree {
    if (left === null) return right;
    if (right === null) return left;
    if (old !== null && old.left === left && old.right === right) return old;
    const scratch = this.#innerScratch;
    scratch.set(left.hash, 1);
    scratch.set(right.hash, 1 + keyBytes);
    return { kind: "inner", key: left.key, bit, left, right, hash: this.#hasher.sha256(scratch) };
  }
}

/** Index of the first change whose key has a 1 at `bit`; `to` when there is none. The keys agree before that bit. */
function firstWithBit(changes: readonly TreeChange[], from: number, to: number, bit: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (bitOf(changes[middle]!.key, bit) === 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
