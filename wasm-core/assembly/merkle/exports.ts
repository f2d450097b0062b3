// Exports of the core for RFC 6962 trees. One stream of leaves is under way at a time.

import { outputStart } from "../memory";
import { sha256Finish } from "../sha256/digest";
import * as hashes from "./hashes";
import * as proofs from "./proofs";
import * as root from "./root";

/** Two hashes at `from`. */
export function innerHash(from: usize): void {
  hashes.innerHash(from, from + 32, outputStart());
}

export function treeBegin(): void {
  root.merkleBegin();
}

/** Leaves packed as u32 length and bytes. False when the packing is unsound. */
export function treeLeaves(from: usize, length: u32): bool {
  const end = from + length;
  while (from < end) {
    if (end - from < 4) return false;
    const size = load<u32>(from);
    from += 4;
    if (size > <u32>(end - from)) return false;
    hashes.leafHash(from, size, root.merkleSlot());
    root.merklePush();
    from += size;
  }
  return true;
}

/** Leaf hashes of 32 bytes each. */
export function treeHashes(from: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    memory.copy(root.merkleSlot(), from + (<usize>i << 5), 32);
    root.merklePush();
  }
}

/** Takes the digest under way as the next leaf's hash. */
export function treeDigest(): void {
  sha256Finish(root.merkleSlot());
  root.merklePush();
}

/** Writes the root to the output region. */
export function treeFinish(): void {
  root.merkleFinish(outputStart());
}

/** Root, leaf hash, then `count` path hashes at `from`. Numbers are whole and at most 2^53. */
export function verifyInclusion(from: usize, index: f64, size: f64, count: u32): bool {
  return proofs.verifyInclusion(from, from + 32, <u64>index, <u64>size, from + 64, count);
}

/** Both roots, then `count` path hashes at `from`. */
export function verifyConsistency(from: usize, size1: f64, size2: f64, count: u32): bool {
  return proofs.verifyConsistency(<u64>size1, <u64>size2, from, from + 32, from + 64, count);
}
