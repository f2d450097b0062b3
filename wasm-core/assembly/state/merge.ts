// The next version's tree from the current one's and the tree of changes. Nodes of the current tree are never written: what
// changes above or below is made anew, and what it replaces is noted as superseded. No node is made for a change that
// changes nothing. Fresh nodes are handed to rehash.ts while they are at hand. Depth of recursion is at most 512: each step
// goes down in one of the trees or in both.

import { freeFresh } from "./changes";
import { freeRecord, supersede, takeRecord } from "./pool";
import * as record from "./records";
import { rehashInner } from "./rehash";
import { freeLeaf, supersedeLeaf, valuesEqual } from "./values";
import { warmFor } from "./warm";

/** Where the hash of the node answered last stands; 0 when the node is fresh and its hash is not known yet. */
let known: usize = 0;
/** Memory is out: what was fresh is freed, what is answered means nothing. */
let exhausted: bool = false;
/** Changes that met a leaf of their key. */
let met: u32 = 0;
let changesCount: u32 = 0;
/** Below nodes of about so many keys the tree's nodes are fetched beforehand. */
const warmedKeys: u32 = 32;
/** The nodes below have been fetched. */
let warmed: bool = false;

export function mergedKnown(): usize {
  return known;
}

export function mergedMet(): u32 {
  return met;
}

export function mergeExhausted(): bool {
  return exhausted;
}

/** The tree with all `count` changes. `treeHash` is where the tree's root hash stands. */
export function mergeChanges(tree: usize, treeHash: usize, changes: usize, count: u32): usize {
  exhausted = false;
  met = 0;
  changesCount = count;
  warmed = false;
  known = treeHash;
  return changes == 0 ? tree : merge(tree, treeHash, changes);
}

function merge(tree: usize, treeHash: usize, changes: usize): usize {
  if (tree == 0) return withoutRemovals(changes);
  const changesBit = record.bitOfNode(changes);
  // Keys are as good as random, so a node at bit b has about a 2^b-th of them below.
  if (warmed || changesCount >> min<u32>(changesBit, 31) > warmedKeys) return mergeNodes(tree, treeHash, changes, changesBit);
  warmed = true;
  warmFor(tree, changes);
  const merged = mergeNodes(tree, treeHash, changes, changesBit);
  warmed = false;
  return merged;
}

function mergeNodes(tree: usize, treeHash: usize, changes: usize, changesBit: u32): usize {
  const treeBit = record.bitOfNode(tree);
  const limit = min<u32>(treeBit, changesBit);
  const bit = record.divergence(tree, changes, limit);
  if (bit < limit) {
    const fresh = withoutRemovals(changes);
    return exhausted ? 0 : join(tree, treeHash, fresh, bit);
  }
  if (treeBit < changesBit) return mergeBelow(tree, treeHash, treeBit, changes);
  if (changesBit < treeBit) return mergeAbove(tree, treeHash, changesBit, changes);
  return treeBit == record.keyBits ? mergeLeaf(tree, treeHash, changes) : mergeInner(tree, treeHash, changes);
}

function mergeLeaf(tree: usize, treeHash: usize, changes: usize): usize {
  const leaf = record.leafRecord(tree);
  const change = record.leafRecord(changes);
  met++;
  const removes = load<u32>(change, record.leafLength) == 0;
  if (!removes && valuesEqual(leaf, change)) {
    freeLeaf(change);
    known = treeHash;
    return tree;
  }
  known = 0;
  if (!supersedeLeaf(leaf)) return exhaust(changes);
  if (!removes) return changes;
  freeLeaf(change);
  return 0;
}

/** Both part at the same bit: the changes' node becomes the new one. */
function mergeInner(tree: usize, treeHash: usize, changes: usize): usize {
  const left = merge(record.childOf(tree, 0), tree, record.childOf(changes, 0));
  const leftKnown = known;
  if (exhausted) {
    freeFresh(record.childOf(changes, 1));
    freeRecord(changes);
    return 0;
  }
  const right = merge(record.childOf(tree, 1), tree + 32, record.childOf(changes, 1));
  const rightKnown = known;
  if (exhausted) {
    if (left != 0 && leftKnown == 0) freeFresh(left);
    freeRecord(changes);
    return 0;
  }
  if (left == record.childOf(tree, 0) && right == record.childOf(tree, 1)) {
    freeRecord(changes);
    known = treeHash;
    return tree;
  }
  if (!supersede(tree)) {
    if (left != 0 && leftKnown == 0) freeFresh(left);
    if (right != 0 && rightKnown == 0) freeFresh(right);
    freeRecord(changes);
    exhausted = true;
    return 0;
  }
  return fill(changes, left, leftKnown, right, rightKnown);
}

/** All changes belong to one side of the tree's node. */
function mergeBelow(tree: usize, treeHash: usize, bit: u32, changes: usize): usize {
  const side = record.sideOf(changes, bit);
  const before = record.childOf(tree, side);
  const after = merge(before, tree + (<usize>side << 5), changes);
  if (exhausted) return 0;
  if (after == before) {
    known = treeHash;
    return tree;
  }
  const afterKnown = known;
  if (after == 0) {
    if (!supersede(tree)) return exhaust(0);
    known = tree + (<usize>(side ^ 1) << 5);
    return record.childOf(tree, side ^ 1);
  }
  const inner = takeRecord();
  if (inner == 0 || !supersede(tree)) {
    if (inner != 0) freeRecord(inner);
    return exhaust(afterKnown == 0 ? after : 0);
  }
  const sibling = <usize>(side ^ 1) << 5;
  record.copyHash(inner + sibling, tree + sibling);
  if (afterKnown != 0) record.copyHash(inner + (<usize>side << 5), afterKnown);
  store<u64>(inner, load<u64>(tree, record.innerPrefix), record.innerPrefix);
  store<u64>(inner, load<u64>(tree, record.innerChildren), record.innerChildren);
  store<u32>(inner + (side << 2), after, record.innerChildren);
  store<u32>(inner, bit, record.innerBit);
  store<u32>(inner, afterKnown == 0 ? 1 << side : 0, record.innerFresh);
  return finished(inner);
}

/** The tree belongs to one side of the changes' node. */
function mergeAbove(tree: usize, treeHash: usize, bit: u32, changes: usize): usize {
  const side = record.sideOf(tree, bit);
  const node = merge(tree, treeHash, record.childOf(changes, side));
  const nodeKnown = known;
  if (exhausted) {
    freeFresh(record.childOf(changes, side ^ 1));
    freeRecord(changes);
    return 0;
  }
  const other = withoutRemovals(record.childOf(changes, side ^ 1));
  if (exhausted) {
    if (node != 0 && nodeKnown == 0) freeFresh(node);
    freeRecord(changes);
    return 0;
  }
  return side == 0 ? fill(changes, node, nodeKnown, other, 0) : fill(changes, other, 0, node, nodeKnown);
}

/** An old tree and fresh nodes that part at `bit`. */
function join(tree: usize, treeHash: usize, fresh: usize, bit: u32): usize {
  if (fresh == 0) {
    known = treeHash;
    return tree;
  }
  const inner = takeRecord();
  if (inner == 0) return exhaust(fresh);
  store<u64>(inner, record.prefixOf(fresh), record.innerPrefix);
  store<u32>(inner, bit, record.innerBit);
  return record.sideOf(fresh, bit) == 0 ? fill(inner, fresh, 0, tree, treeHash) : fill(inner, tree, treeHash, fresh, 0);
}

/** Gives a fresh node its children; when one is missing, the other takes its place. */
function fill(inner: usize, left: usize, leftKnown: usize, right: usize, rightKnown: usize): usize {
  if (left == 0 || right == 0) {
    freeRecord(inner);
    known = left == 0 ? rightKnown : leftKnown;
    return left == 0 ? right : left;
  }
  store<u32>(inner, left, record.innerChildren);
  store<u32>(inner + 4, right, record.innerChildren);
  store<u32>(inner, (leftKnown == 0 ? 1 : 0) | (rightKnown == 0 ? 2 : 0), record.innerFresh);
  if (leftKnown != 0) record.copyHash(inner, leftKnown);
  if (rightKnown != 0) record.copyHash(inner + 32, rightKnown);
  return finished(inner);
}

/** A fresh node with its children in place. */
function finished(inner: usize): usize {
  if (!rehashInner(inner)) return exhaust(inner);
  known = 0;
  return inner;
}

/** Changes where the tree has nothing: removals go, the rest stays as it is. Depth of recursion is at most 256. */
function withoutRemovals(changes: usize): usize {
  known = 0;
  if (record.isLeaf(changes)) {
    const leaf = record.leafRecord(changes);
    if (load<u32>(leaf, record.leafLength) != 0) return changes;
    freeLeaf(leaf);
    return 0;
  }
  const left = withoutRemovals(record.childOf(changes, 0));
  if (exhausted) {
    freeFresh(record.childOf(changes, 1));
    freeRecord(changes);
    return 0;
  }
  const right = withoutRemovals(record.childOf(changes, 1));
  if (exhausted) {
    if (left != 0) freeFresh(left);
    freeRecord(changes);
    return 0;
  }
  return fill(changes, left, 0, right, 0);
}

/** Memory is out: frees a fresh node that has no parent yet. */
function exhaust(fresh: usize): usize {
  if (fresh != 0) freeFresh(fresh);
  exhausted = true;
  return 0;
}
