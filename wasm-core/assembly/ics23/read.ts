// ICS-23 proofs of the `tendermint` spec, read strictly: leaf sha256(00 | len key | 20 | sha256(value)), inner sha256(01 | left | right).
// Stricter than the specification where that costs nothing: no unknown or repeated fields, no batches, no empty keys, prefixes exactly one byte, at most 256 steps.

import { readAt, readFailed, readLength, readVarint } from "../comet/proto";

/** Keys are 256 bits, and no path is longer than its key. */
export const stepsMax: u32 = 256;
/** Bytes of a step: where the sibling lies u32, and 1 when that is on the left, 0 on the right, u32. */
export const stepBytes: usize = 8;

// What `readExistence` found.
export let keyStart: usize = 0;
export let keyLength: u32 = 0;
export let valueStart: usize = 0;
export let valueLength: u32 = 0;
export let stepCount: u32 = 0;

// The content that `readBytes` found.
export let contentStart: usize = 0;
export let contentLength: u32 = 0;

/** Reads a length-delimited content at `from`. */
export function readBytes(from: usize, end: usize): bool {
  contentLength = readLength(from, end);
  if (readFailed) return false;
  contentStart = readAt;
  return true;
}

/** LeafOp must be {hash SHA256, prehash_key none, prehash_value SHA256, length VAR_PROTO, prefix 00}. */
function readLeaf(from: usize, end: usize): bool {
  let seen: u32 = 0;
  while (from < end) {
    const tag = load<u8>(from++);
    const field = <u32>tag >>> 3;
    if (field == 0 || field > 5 || (seen >>> field) & 1) return false;
    seen |= 1 << field;
    if (tag == 0x2a) {
      if (!readBytes(from, end) || contentLength != 1 || load<u8>(contentStart) != 0) return false;
      from = contentStart + 1;
    } else {
      if ((tag & 7) != 0 || field == 5) return false;
      const value = readVarint(from, end);
      if (readFailed || value != (field == 2 ? 0 : 1)) return false;
      from = readAt;
    }
  }
  // Fields 1, 3, 4 and 5 are not at their defaults, so they must be there.
  return (seen & 0b111010) == 0b111010;
}

/** InnerOp must be {hash SHA256, prefix 01, suffix of 32 bytes} or {hash SHA256, prefix 01 and 32 bytes}. */
function readInner(from: usize, end: usize, step: usize): bool {
  let seen: u32 = 0;
  let prefix: usize = 0;
  let prefixLength: u32 = 0;
  let suffix: usize = 0;
  let suffixLength: u32 = 0;
  while (from < end) {
    const tag = load<u8>(from++);
    const field = <u32>tag >>> 3;
    if (field == 0 || field > 3 || (seen >>> field) & 1) return false;
    seen |= 1 << field;
    if (tag == 0x08) {
      const value = readVarint(from, end);
      if (readFailed || value != 1) return false;
      from = readAt;
    } else {
      if ((tag & 7) != 2 || field == 1 || !readBytes(from, end)) return false;
      if (field == 2) {
        prefix = contentStart;
        prefixLength = contentLength;
      } else {
        suffix = contentStart;
        suffixLength = contentLength;
      }
      from = contentStart + contentLength;
    }
  }
  if (!(seen & 2) || prefixLength == 0 || load<u8>(prefix) != 1) return false;
  if (prefixLength == 1 && suffixLength == 32) {
    store<u32>(step, <u32>suffix);
    store<u32>(step, 0, 4);
    return true;
  }
  if (prefixLength == 33 && suffixLength == 0) {
    store<u32>(step, <u32>(prefix + 1));
    store<u32>(step, 1, 4);
    return true;
  }
  return false;
}

/** Reads an ExistenceProof {key 1, value 2, leaf 3, path 4 repeated} and checks its form. */
export function readExistence(from: usize, end: usize, steps: usize): bool {
  let seen: u32 = 0;
  stepCount = 0;
  keyLength = 0;
  valueLength = 0;
  while (from < end) {
    const tag = load<u8>(from++);
    const field = <u32>tag >>> 3;
    if ((tag & 7) != 2 || field == 0 || field > 4 || !readBytes(from, end)) return false;
    const start = contentStart;
    const length = contentLength;
    const after = start + length;
    if (field != 4) {
      if ((seen >>> field) & 1) return false;
      seen |= 1 << field;
    }
    if (field == 1) {
      keyStart = start;
      keyLength = length;
    } else if (field == 2) {
      valueStart = start;
      valueLength = length;
    } else if (field == 3) {
      if (!readLeaf(start, after)) return false;
    } else {
      if (stepCount >= stepsMax || !readInner(start, after, steps + stepCount * stepBytes)) return false;
      stepCount++;
    }
    from = after;
  }
  return (seen & 0b1000) != 0 && keyLength > 0 && valueLength > 0;
}

/** Finds the one field of a CommitmentProof, which must have this tag and fill the message. */
export function readCommitment(proof: usize, length: u32, tag: u32): bool {
  const end = proof + length;
  return length > 0 && load<u8>(proof) == tag && readBytes(proof + 1, end) && contentStart + contentLength == end;
}
