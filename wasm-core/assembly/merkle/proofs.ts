// RFC 6962 proofs verified: inclusion (RFC 9162 §2.1.3.2) and consistency (§2.1.4.2).

import { bytesEqual } from "../memory";
import { innerHash } from "./hashes";

/** No tree of 2^53 leaves has more levels; longer paths are refused. */
const levelsMax: u32 = 64;
const calculatedA: usize = memory.data(32, 16);
const calculatedB: usize = memory.data(32, 16);

/** RFC 9162 §2.1.3.2. `path` holds `count` hashes. */
export function verifyInclusion(root: usize, leaf: usize, index: u64, size: u64, path: usize, count: u32): bool {
  if (index >= size || count > levelsMax) return false;
  let fn = index;
  let sn = size - 1;
  memory.copy(calculatedA, leaf, 32);
  for (let i: u32 = 0; i < count; i++) {
    if (sn == 0) return false;
    const sibling = path + (<usize>i << 5);
    if (fn & 1 || fn == sn) {
      innerHash(sibling, calculatedA, calculatedA);
      while (!(fn & 1) && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      innerHash(calculatedA, sibling, calculatedA);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && bytesEqual(calculatedA, root, 32);
}

/** RFC 9162 §2.1.4.2. Size 0 is refused: the empty tree is consistent with anything, which proves nothing. */
export function verifyConsistency(size1: u64, size2: u64, root1: usize, root2: usize, path: usize, count: u32): bool {
  if (size1 == 0 || size1 > size2 || count > levelsMax) return false;
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
