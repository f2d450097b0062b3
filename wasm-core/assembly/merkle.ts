// RFC 6962 Merkle trees: roots from a stream of leaves, inclusion (RFC 9162 §2.1.3.2) and consistency (§2.1.4.2) proofs.
// A stream holds at most one subtree root per level, so memory does not grow with the number of leaves.

import { bytesEqual } from "./memory";
import { sha256Begin, sha256Byte, sha256Finish, sha256Update } from "./sha256";

/** No tree of 2^53 leaves has more levels; longer paths are refused. */
export const levelsMax: u32 = 64;
const stack: usize = memory.data(2080, 16); // 65 hashes
let leafCount: u64 = 0;
let depth: u32 = 0;
const calculatedA: usize = memory.data(32, 16);
const calculatedB: usize = memory.data(32, 16);

export function leafBegin(): void {
  sha256Begin();
  sha256Byte(0);
}

export function leafHash(from: usize, length: u32, to: usize): void {
  leafBegin();
  sha256Update(from, length);
  sha256Finish(to);
}

export function innerHash(left: usize, right: usize, to: usize): void {
  sha256Begin();
  sha256Byte(1);
  sha256Update(left, 32);
  sha256Update(right, 32);
  sha256Finish(to);
}

/** Starts a stream of leaves. */
export function merkleBegin(): void {
  leafCount = 0;
  depth = 0;
}

/** Where the next leaf's hash goes; `merklePush` counts it in. */
export function merkleSlot(): usize {
  return stack + (<usize>depth << 5);
}

/** Counts in the hash at `merkleSlot` and joins subtrees of equal size, as a binary counter carries. */
export function merklePush(): void {
  depth++;
  let carry = leafCount;
  while (carry & 1) {
    const left = stack + (<usize>(depth - 2) << 5);
    innerHash(left, left + 32, left);
    depth--;
    carry >>= 1;
  }
  leafCount++;
}

/** Writes the root of the leaves taken in. */
export function merkleFinish(to: usize): void {
  if (depth == 0) {
    sha256Begin();
    sha256Finish(to);
    return;
  }
  while (depth > 1) {
    const left = stack + (<usize>(depth - 2) << 5);
    innerHash(left, left + 32, left);
    depth--;
  }
  memory.copy(to, stack, 32);
}

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
