// Ways down a tree, at most 256 steps each: to a key, to its neighbours on either side, and on from leaf to leaf in order.

import * as record from "./records";

/** The inner nodes passed from the root down, and the side taken at each. A second path is kept for coming back to. */
const nodes: usize = memory.data(1024, 16);
const sides: usize = memory.data(256, 16);
const savedNodes: usize = memory.data(1024, 16);
const savedSides: usize = memory.data(256, 16);
let depth: u32 = 0;
let savedDepth: u32 = 0;
/** Where the way to a key ended: at its leaf, or at a node all of whose keys are on the same side of it. */
let reached: usize = 0;
/** Whether the keys below `reached` are greater than the key (1), smaller (-1), or it is the key's leaf (0). */
let order: i32 = 0;

export function pathDepth(): u32 {
  return depth;
}

// @ts-ignore: a decorator of AssemblyScript
@inline
export function pathNode(step: u32): usize {
  return load<u32>(nodes + (<usize>step << 2));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
export function pathSide(step: u32): u32 {
  return load<u8>(sides + step);
}

function push(node: usize, side: u32): void {
  store<u32>(nodes + (<usize>depth << 2), node);
  store<u8>(sides + depth, <u8>side);
  depth++;
}

/** The record of a key's leaf, or 0. */
export function findLeaf(root: usize, key: usize): usize {
  let node = root;
  if (node == 0) return 0;
  while (!record.isLeaf(node)) node = record.childOf(node, record.bitOfKey(key, load<u32>(node, record.innerBit)));
  const leaf = record.leafRecord(node);
  for (let word: usize = 0; word < record.keyBytes; word += 8) {
    if (load<u64>(leaf + word) != load<u64>(key + word)) return 0;
  }
  return leaf;
}

/** Goes towards a key of a tree that is not empty. Answers its leaf's record, or 0. */
export function pathTo(root: usize, key: usize): usize {
  depth = 0;
  let node = root;
  let limit = record.bitOfNode(node);
  let bit = record.divergence(node, key | 1, limit);
  while (bit == limit && limit < record.keyBits) {
    const side = record.bitOfKey(key, limit);
    push(node, side);
    node = record.childOf(node, side);
    limit = record.bitOfNode(node);
    bit = record.divergence(node, key | 1, limit);
  }
  reached = node;
  order = bit == record.keyBits ? 0 : record.bitOfKey(key, bit) == 0 ? 1 : -1;
  return order == 0 ? record.leafRecord(node) : 0;
}

/** Keeps the path of `pathTo` for `pathBack`. */
export function pathSave(): void {
  memory.copy(savedNodes, nodes, depth << 2);
  memory.copy(savedSides, sides, depth);
  savedDepth = depth;
}

export function pathBack(): void {
  memory.copy(nodes, savedNodes, savedDepth << 2);
  memory.copy(sides, savedSides, savedDepth);
  depth = savedDepth;
}

/** After `pathTo`: goes to the greatest leaf below the key (side 0) or the least above it (side 1). Its record, or 0. */
export function pathToNeighbour(side: u32): usize {
  if (order == (side == 0 ? -1 : 1)) return descend(reached, side ^ 1);
  return pathToNext(side);
}

/** From the leaf or node that the path leads to, goes to the next leaf on that side. Its record, or 0 when there is none. */
export function pathToNext(side: u32): usize {
  while (depth > 0) {
    depth--;
    if (pathSide(depth) == side) continue;
    const node = pathNode(depth);
    push(node, side);
    return descend(record.childOf(node, side), side ^ 1);
  }
  return 0;
}

/** Goes down, always to the same side. Answers the leaf's record. */
function descend(node: usize, side: u32): usize {
  while (!record.isLeaf(node)) {
    push(node, side);
    node = record.childOf(node, side);
  }
  return record.leafRecord(node);
}
