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
  let sound = true;
  while (from < end) {
    const room = <u32>(end - from);
    if (room < 4 || load<u32>(from) > room - 4) {
      sound = false;
      break;
    }
    const size = load<u32>(from);
    from += 4;
    root.merkleLeaf(from, size);
    from += size;
  }
  root.merkleSettle();
  return sound;
}

/** `count` leaves of `size` bytes each. */
export function treePacked(from: usize, count: u32, size: u32): void {
  root.merkleLeaves(from, count, size);
}

/** Leaf hashes of 32 bytes each. */
export function treeHashes(from: usize, count: u32): void {
  root.merkleHashes(from, count);
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
