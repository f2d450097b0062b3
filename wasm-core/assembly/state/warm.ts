// Loads for their own sake. One step down a tree waits for memory and for the step before; of many ways side by side the waits
// overlap. What was passed is at hand when it is needed a moment later: over a million entries that halves the time of a batch.

import * as record from "./records";

/** Ways gone side by side. What they pass must stay in the caches, and in the engine's view of 2,000 pages or so. */
export const waysMax: u32 = 128;
const ways: usize = memory.data(512, 16);
const keys: usize = memory.data(512, 16);
/** Keeps the engine from leaving out a load whose value nobody needs. */
const touched: usize = memory.data(8, 8);

/** Says that a value was loaded. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function touch(value: u64): void {
  store<u64>(touched, value);
}

/** Goes down a tree to `count` keys, whose addresses are listed. */
export function warm(tree: usize, list: usize, count: u32): void {
  if (tree == 0) return;
  for (let i: u32 = 0; i < count; i++) store<u32>(ways + (<usize>i << 2), tree);
  let loaded: u64 = 0;
  let under = count;
  while (under > 0) {
    under = 0;
    for (let i: u32 = 0; i < count; i++) {
      const way = ways + (<usize>i << 2);
      const node: usize = load<u32>(way);
      if (record.isLeaf(node)) continue;
      const key: usize = load<u32>(list + (<usize>i << 2));
      store<u32>(way, record.childOf(node, record.bitOfKey(key, load<u32>(node, record.innerBit))));
      loaded ^= load<u64>(node) ^ load<u64>(node, 32);
      under++;
    }
  }
  touch(loaded);
}

/** Goes down a tree to the keys of another, the first 128 of them. */
export function warmFor(tree: usize, changes: usize): void {
  warm(tree, keys, listKeys(changes, 0));
}

/** Answers the number of keys listed. Depth of recursion is at most 256. */
function listKeys(node: usize, count: u32): u32 {
  if (count == waysMax) return count;
  if (!record.isLeaf(node)) return listKeys(record.childOf(node, 1), listKeys(record.childOf(node, 0), count));
  store<u32>(keys + (<usize>count << 2), record.leafRecord(node));
  return count + 1;
}
