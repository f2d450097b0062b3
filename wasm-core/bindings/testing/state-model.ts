// An independent model of the state tree in plain JavaScript with noble's SHA-256, for tests and the bench: immutable nodes, one
// pass a batch. Leaf sha256(00|20|K|20|sha256(value)), inner sha256(01|l|r), empty sha256(""). Not part of the product.

import { sha256 } from "@noble/hashes/sha2.js";

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

/** Orders bytes as the tree orders keys. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
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
export function rootOf(tree: Tree): Uint8Array {
  return tree === null ? sha256(new Uint8Array(0)) : tree.hash;
}

/** The leaf of a key, if there is one. */
export function findLeaf(tree: Tree, key: Uint8Array): Leaf | null {
  let node = tree;
  while (node !== null && node.kind === "inner") node = bitOf(key, node.bit) === 0 ? node.left : node.right;
  return node !== null && compareBytes(node.key, key) === 0 ? node : null;
}

/**
 * Applies changes in one pass; only new nodes are hashed, each once. The old tree stays as it was.
 * @throws {RangeError} when a key is not 32 bytes or comes twice.
 */
export function updateTree(tree: Tree, changes: readonly TreeChange[]): Tree {
  const sorted = [...changes].sort((a, b) => compareBytes(a.key, b.key));
  for (let i = 0; i < sorted.length; i++) {
    const { key } = sorted[i]!;
    if (key.length !== keyBytes) throw new RangeError(`a tree key has ${keyBytes} bytes, not ${key.length}`);
    if (i > 0 && compareBytes(sorted[i - 1]!.key, key) === 0) throw new RangeError("a key changes twice in one batch");
  }
  return apply(tree, sorted, 0, sorted.length);
}

/** Changes `from` to `to` (exclusive) all belong at or above `tree`. Depth of recursion is at most 256. */
function apply(tree: Tree, changes: readonly TreeChange[], from: number, to: number): Tree {
  if (from === to) return tree;
  const first = changes[from]!;
  const last = changes[to - 1]!;
  // Where the changed keys, and the keys already there, part for the first time.
  let bit = sharedBits(first.key, last.key);
  if (tree !== null) {
    bit = Math.min(bit, sharedBits(first.key, tree.key), tree.kind === "inner" ? tree.bit : keyBits);
  }
  if (bit === keyBits) return leafOf(tree, first);
  const middle = firstWithBit(changes, from, to, bit);
  if (tree === null) return join(null, bit, apply(null, changes, from, middle), apply(null, changes, middle, to));
  if (tree.kind === "inner" && tree.bit === bit) {
    const left = apply(tree.left, changes, from, middle);
    return join(tree, bit, left, apply(tree.right, changes, middle, to));
  }
  const treeIsLeft = bitOf(tree.key, bit) === 0;
  const left = apply(treeIsLeft ? tree : null, changes, from, middle);
  return join(null, bit, left, apply(treeIsLeft ? null : tree, changes, middle, to));
}

function leafOf(tree: Tree, { key, value }: TreeChange): Tree {
  if (value === null) return null;
  if (tree !== null && tree.kind === "leaf" && compareBytes(tree.value, value) === 0) return tree;
  return { kind: "leaf", key, value, hash: sha256(Uint8Array.from([0, 0x20, ...key, 0x20, ...sha256(value)])) };
}

function join(old: Inner | null, bit: number, left: Tree, right: Tree): Tree {
  if (left === null) return right;
  if (right === null) return left;
  if (old !== null && old.left === left && old.right === right) return old;
  const hash = sha256(Uint8Array.from([1, ...left.hash, ...right.hash]));
  return { kind: "inner", key: left.key, bit, left, right, hash };
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
