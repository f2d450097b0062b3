// RFC 6962 proofs verified one at a time: inclusion (RFC 9162 §2.1.3.2) and consistency (§2.1.4.2).

import { bytesEqual } from "../memory";
import { innerHash } from "./hashes";

/** Leaves of a tree; every such number is exact as a double, as which JavaScript hands it over. */
export const sizeMax: u64 = (1 << 53) - 1;
/** No tree of 2^53 leaves has more levels; longer paths are refused. */
export const levelsMax: u32 = 64;
const calculatedA: usize = memory.data(32, 16);
const calculatedB: usize = memory.data(32, 16);

/** Lowest steps of an inclusion path, below which the leaf's subtree is perfect: from here up every sibling is on the left. */
function innerSteps(index: u64, size: u64): u32 {
  return <u32>(64 - clz<u64>(index ^ (size - 1)));
}

/**
 * Hashes in the inclusion path of leaf `index` in a tree of `size`. The loop of RFC 9162 §2.1.3.2 takes exactly these many:
 * one for each level on which the leaf's and the last leaf's subtrees differ, and above it one for each left sibling.
 */
export function inclusionPathLength(index: u64, size: u64): u32 {
  const inner = innerSteps(index, size);
  return inner + <u32>popcnt<u64>(index >> inner);
}

/** Bit i is set when the sibling of step i is on the left. */
export function inclusionSides(index: u64, size: u64): u64 {
  return index | (<u64>-1 << innerSteps(index, size));
}

/** RFC 9162 §2.1.3.2. `path` holds `count` hashes. */
export function verifyInclusion(root: usize, leaf: usize, index: u64, size: u64, path: usize, count: u32): bool {
  if (size > sizeMax || index >= size || count != inclusionPathLength(index, size)) return false;
  let sides = inclusionSides(index, size);
  memory.copy(calculatedA, leaf, 32);
  for (const end = path + (<usize>count << 5); path < end; path += 32) {
    if (sides & 1) innerHash(path, calculatedA, calculatedA);
    else innerHash(calculatedA, path, calculatedA);
    sides >>= 1;
  }
  return bytesEqual(calculatedA, root, 32);
}

/** RFC 9162 §2.1.4.2. Size 0 is refused: the empty tree is consistent with anything, which proves nothing. */
export function verifyConsistency(size1: u64, size2: u64, root1: usize, root2: usize, path: usize, count: u32): bool {
  if (size1 == 0 || size1 > size2 || size2 > sizeMax || count > levelsMax) return false;
  if (size1 == size2) return count == 0 && bytesEqual(root1, root2, 32);
  let fn = size1 - 1;
  let sn = size2 - 1;
  while (fn & 1) {
    fn >>= 1;
    sn >>= 1;
  }
  let next: u32 = 0;
  // A first size that is a power of two is itself a node of the second tree: its root stands in for the first hash.
  if (popcnt<u64>(size1) == 1) {
    memory.copy(calculatedA, root1, 32);
  } else {
    if (count == 0) return false;
    memory.copy(calculatedA, path, 32);
    next = 1;
  }
  if (next == count) return false;
  memory.copy(calculatedB, calculatedA, 32);
  for (; next < count; next++) {
    if (sn == 0) return false;
    const sibling = path + (<usize>next << 5);
    if (fn & 1 || fn == sn) {
      innerHash(sibling, calculatedA, calculatedA);
      innerHash(sibling, calculatedB, calculatedB);
      while (!(fn & 1) && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      innerHash(calculatedB, sibling, calculatedB);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && bytesEqual(calculatedA, root1, 32) && bytesEqual(calculatedB, root2, 32);
}
