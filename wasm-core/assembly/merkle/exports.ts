// Exports of the core for RFC 6962 trees. One stream of leaves is under way at a time.

import { isInput, outputStart } from "../memory";
import { sha256Finish } from "../sha256/digest";
import * as hashes from "./hashes";
import * as incremental from "./incremental";
import * as multi from "./multi-proof";
import * as batch from "./proof-batch";
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

/** Root, leaf hash, then `count` path hashes at `from`. Numbers are whole and below 2^53. */
export function verifyInclusion(from: usize, index: f64, size: f64, count: u32): bool {
  if (!isInput(from, 64 + (<u64>count << 5))) return false;
  return proofs.verifyInclusion(from, from + 32, <u64>index, <u64>size, from + 64, count);
}

/** Both roots, then `count` path hashes at `from`. */
export function verifyConsistency(from: usize, size1: f64, size2: f64, count: u32): bool {
  if (!isInput(from, 64 + (<u64>count << 5))) return false;
  return proofs.verifyConsistency(<u64>size1, <u64>size2, from, from + 32, from + 64, count);
}

/**
 * Packed proofs (proof-batch.ts) of `length` bytes, each with its own root and size when `size` is 0; otherwise the shared root
 * lies before them. Writes a byte a proof to the output region; returns how many.
 */
export function verifyInclusions(from: usize, length: u32, size: f64): u32 {
  const shared: usize = size != 0 ? 32 : 0;
  if (!isInput(from, <u64>shared + length)) return 0;
  const start = from + shared;
  return batch.verifyInclusions(start, start + length, shared ? from : 0, <u64>size, outputStart());
}

/** Root, `count` entries of 16 bytes that begin with an index u64, `count` leaf hashes, then `hashCount` hashes at `from`. */
export function verifyMultiProof(from: usize, size: f64, count: u32, hashCount: u32): bool {
  if (!isInput(from, 32 + 48 * <u64>count + (<u64>hashCount << 5))) return false;
  const known = from + 32;
  const leaves = known + (<usize>count << 4);
  return multi.verifyMultiProof(from, <u64>size, known, leaves, count, leaves + (<usize>count << 5), hashCount);
}

/** Parents of `pairs` pairs of hashes at `from`, written there. */
export function treeLevel(from: usize, pairs: u32): void {
  if (isInput(from, <u64>pairs << 6)) incremental.pairUp(from, pairs, from);
}

/** Joins up to 64 subtrees from the right (`joinRight`) into the output region. */
export function treeJoin(from: usize, count: u32): void {
  if (count <= proofs.levelsMax && isInput(from, <u64>count << 5)) incremental.joinRight(from, count, outputStart());
}

/** Slots of `levels` levels, a free one and `count` leaf hashes at `from` (`frontierAppend`). */
export function frontierAppend(from: usize, levels: u32, size: f64, count: u32): bool {
  if (levels > proofs.levelsMax || !isInput(from, (<u64>levels + 1 + count) << 5)) return false;
  return incremental.frontierAppend(from, levels, <u64>size, count);
}
