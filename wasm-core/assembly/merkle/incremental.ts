// RFC 6962 trees that grow: levels of perfect subtrees, and the frontier (one perfect subtree for every set bit of the size).

import { sha256Of } from "../sha256/digest";
import { innerHash } from "./hashes";
import { listBegin, listFlush, listInner } from "./inner-list";
import { levelsMax } from "./proofs";

const chunkPairs: u32 = 64;
const parents: usize = memory.data(2048, 16); // 64 hashes

/** Parents of `pairs` pairs of hashes at `from`, written to `to`, which may lie at `from` or at most 32 bytes beyond it. */
export function pairUp(from: usize, pairs: u32, to: usize): void {
  listBegin();
  while (pairs > 0) {
    const count = min<u32>(pairs, chunkPairs);
    for (let i: u32 = 0; i < count; i++) {
      const left = from + (<usize>i << 6);
      listInner(left, left + 32, parents + (<usize>i << 5));
    }
    listFlush();
    // Not in place at once: a list's targets may not be its inputs.
    memory.copy(to, parents, <usize>count << 5);
    from += <usize>count << 6;
    to += <usize>count << 5;
    pairs -= count;
  }
}

/**
 * Root of subtrees from left to right, each larger than all after it together: joined from the right. Writes `count` hashes
 * to `to`, the i-th the root of the subtrees from the i-th on; of none, the root of the empty tree.
 */
export function joinRight(from: usize, count: u32, to: usize): void {
  if (count == 0) {
    sha256Of(from, 0, to);
    return;
  }
  let at = <usize>(count - 1) << 5;
  memory.copy(to + at, from + at, 32);
  while (at > 0) {
    at -= 32;
    innerHash(from + at, to + at + 32, to + at);
  }
}

/**
 * Appends `count` leaf hashes to a tree of `size`. `slots` holds a hash a level, of which those at the set bits of `size` count,
 * then one that is free, then the leaf hashes; those are written over. Only levels that change need slots: false when
 * `levels` are too few.
 */
export function frontierAppend(slots: usize, levels: u32, size: u64, count: u32): bool {
  const hashes = slots + (<usize>(levels + 1) << 5);
  for (let level: u32 = 0; count > 0; level++) {
    if (level >= levels || level >= levelsMax) return false;
    const slot = slots + (<usize>level << 5);
    let from = hashes;
    if ((size >> level) & 1) {
      from -= 32;
      memory.copy(from, slot, 32);
      count++;
    }
    if (count & 1) memory.copy(slot, from + (<usize>(count - 1) << 5), 32);
    count >>= 1;
    pairUp(from, count, hashes);
  }
  return true;
}
