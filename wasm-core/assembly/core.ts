// Entry of the WASM core: what wasm-core/bindings calls. All pointers lead into the input region that `reserveInput` gives.
// The module imports nothing, allocates nothing and holds no state between calls but a digest or a stream of leaves that is under way.

import * as header from "./header";
import * as ics23 from "./ics23";
import { outputStart as outputAt, reserveInput as reserve } from "./memory";
import * as merkle from "./merkle";
import { recordBegin, recordFinished } from "./record";
import { sha256Begin, sha256Finish, sha256Update } from "./sha256";
import * as vote from "./vote";

export function reserveInput(length: u32): usize {
  return reserve(length);
}

export function outputStart(): usize {
  return outputAt();
}

/** Starts a digest; with `leaf` one of a Merkle leaf. */
export function digestBegin(leaf: u32): void {
  if (leaf) merkle.leafBegin();
  else sha256Begin();
}

export function digestUpdate(from: usize, length: u32): void {
  sha256Update(from, length);
}

/** Writes the digest to the output region. */
export function digestFinish(): void {
  sha256Finish(outputAt());
}

/** Two hashes at `from`. */
export function innerHash(from: usize): void {
  merkle.innerHash(from, from + 32, outputAt());
}

export function treeBegin(): void {
  merkle.merkleBegin();
}

/** Leaves packed as u32 length and bytes. False when the packing is unsound. */
export function treeLeaves(from: usize, length: u32): bool {
  const end = from + length;
  while (from < end) {
    if (end - from < 4) return false;
    const size = load<u32>(from);
    from += 4;
    if (size > <u32>(end - from)) return false;
    merkle.leafHash(from, size, merkle.merkleSlot());
    merkle.merklePush();
    from += size;
  }
  return true;
}

/** Leaf hashes of 32 bytes each. */
export function treeHashes(from: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    memory.copy(merkle.merkleSlot(), from + (<usize>i << 5), 32);
    merkle.merklePush();
  }
}

/** Takes the digest under way as the next leaf's hash. */
export function treeDigest(): void {
  sha256Finish(merkle.merkleSlot());
  merkle.merklePush();
}

/** Writes the root to the output region. */
export function treeFinish(): void {
  merkle.merkleFinish(outputAt());
}

/** Root, leaf hash, then `count` path hashes at `from`. Numbers are whole and at most 2^53. */
export function verifyInclusion(from: usize, index: f64, size: f64, count: u32): bool {
  return merkle.verifyInclusion(from, from + 32, <u64>index, <u64>size, from + 64, count);
}

/** Both roots, then `count` path hashes at `from`. */
export function verifyConsistency(from: usize, size1: f64, size2: f64, count: u32): bool {
  return merkle.verifyConsistency(<u64>size1, <u64>size2, from, from + 32, from + 64, count);
}

export function headerHash(from: usize, length: u32): bool {
  recordBegin(from, length);
  return header.headerHash(outputAt());
}

export function consensusHash(from: usize, length: u32): bool {
  recordBegin(from, length);
  return header.consensusHash(outputAt());
}

/** Length of the sign bytes in the output region; 0 when the record is unsound. */
export function voteSignBytes(from: usize, length: u32): u32 {
  recordBegin(from, length);
  return vote.voteSignBytes(outputAt());
}

/** Takes `count` records of CommitSig into the tree under way. */
export function treeCommitSignatures(from: usize, length: u32, count: u32): bool {
  recordBegin(from, length);
  for (let i: u32 = 0; i < count; i++) if (!header.commitSignature()) return false;
  return recordFinished();
}

/** Takes `count` records of SimpleValidator into the tree under way. */
export function treeValidators(from: usize, length: u32, count: u32): bool {
  recordBegin(from, length);
  for (let i: u32 = 0; i < count; i++) if (!header.simpleValidator()) return false;
  return recordFinished();
}

/** Root, key, value and proof lie one after the other at `from`. */
export function verifyMembership(from: usize, keyLength: u32, valueLength: u32, proofLength: u32): bool {
  const key = from + 32;
  const value = key + keyLength;
  return ics23.verifyMembership(from, key, keyLength, value, valueLength, value + valueLength, proofLength);
}

/** Root, key and proof lie one after the other at `from`. */
export function verifyNonMembership(from: usize, keyLength: u32, proofLength: u32): bool {
  const key = from + 32;
  return ics23.verifyNonMembership(from, key, keyLength, key + keyLength, proofLength);
}
