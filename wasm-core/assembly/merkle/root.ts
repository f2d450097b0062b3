// RFC 6962 Merkle roots from a stream of leaves.
// A stream holds at most one subtree root per level, so memory does not grow with the number of leaves.

import { sha256Begin, sha256Finish } from "../sha256/digest";
import { innerHash } from "./hashes";

const stack: usize = memory.data(2080, 16); // 65 hashes
let leafCount: u64 = 0;
let depth: u32 = 0;

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
