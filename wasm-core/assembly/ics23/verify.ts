// ICS-23 proofs of the `tendermint` spec, read strictly: leaf sha256(00 | len key | 20 | sha256(value)), inner sha256(01 | left | right).
// Stricter than the specification where that costs nothing: no unknown or repeated fields, no batches, prefixes exactly one byte, at most 256 steps.

import { bytesEqual } from "../memory";
import { innerHash } from "../merkle/hashes";
import { readAt, readFailed, readLength, readVarint, varintLength } from "../comet/proto";
import { sha256Begin, sha256Byte, sha256Finish, sha256Of, sha256Update } from "../sha256/digest";

/** Keys are 256 bits, and no path is longer than its key. */
const stepsMax: u32 = 256;
/** Steps of both paths of a non-existence proof: where the sibling lies, lowest bit of the entry's second word 1 when it is on the left. */
const leftSteps: usize = memory.data(2048, 16);
const rightSteps: usize = memory.data(2048, 16);
const valueHash: usize = memory.data(32, 16);
const node: usize = memory.data(32, 16);

// What `readExistence` found.
let keyStart: usize = 0;
let keyLength: u32 = 0;
let valueStart: usize = 0;
let valueLength: u32 = 0;
let stepCount: u32 = 0;

// The content that `readBytes` found.
let contentStart: usize = 0;
let contentLength: u32 = 0;

/** Reads a length-delimited content at `from`. */
function readBytes(from: usize, end: usize): bool {
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
function readExistence(from: usize, end: usize, steps: usize): bool {
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
      if (stepCount >= stepsMax || !readInner(start, after, steps + (<usize>stepCount << 3))) return false;
      stepCount++;
    }
    from = after;
  }
  return (seen & 0b1000) != 0 && keyLength > 0 && valueLength > 0;
}

/** True when the proof that was read leads to the root. */
function leadsTo(root: usize, steps: usize): bool {
  sha256Of(valueStart, valueLength, valueHash);
  sha256Begin();
  sha256Byte(0);
  let rest = keyLength;
  for (let i = varintLength(keyLength); i > 1; i--) {
    sha256Byte((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  sha256Byte(rest);
  sha256Update(keyStart, keyLength);
  sha256Byte(32);
  sha256Update(valueHash, 32);
  sha256Finish(node);
  for (let i: u32 = 0; i < stepCount; i++) {
    const step = steps + (<usize>i << 3);
    const sibling = <usize>load<u32>(step);
    if (load<u32>(step, 4)) innerHash(sibling, node, node);
    else innerHash(node, sibling, node);
  }
  return bytesEqual(node, root, 32);
}

/** Finds the one field of a CommitmentProof, which must have this tag and fill the message. */
function readCommitment(proof: usize, length: u32, tag: u32): bool {
  const end = proof + length;
  return length > 0 && load<u8>(proof) == tag && readBytes(proof + 1, end) && contentStart + contentLength == end;
}

/** Existence of exactly this key and value under the root. */
export function verifyMembership(
  root: usize,
  key: usize,
  length: u32,
  value: usize,
  valueBytes: u32,
  proof: usize,
  proofLength: u32,
): bool {
  if (!readCommitment(proof, proofLength, 0x0a)) return false;
  if (!readExistence(contentStart, contentStart + contentLength, leftSteps)) return false;
  if (keyLength != length || !bytesEqual(keyStart, key, length)) return false;
  if (valueLength != valueBytes || !bytesEqual(valueStart, value, valueBytes)) return false;
  return leadsTo(root, leftSteps);
}

/** True when `a` sorts before `b`. */
function sortsBefore(a: usize, aLength: u32, b: usize, bLength: u32): bool {
  const order = memory.compare(a, b, min<u32>(aLength, bLength));
  return order < 0 || (order == 0 && aLength < bLength);
}

/** True when all the steps have their sibling on the given side: 1 left, 0 right. */
function allOn(steps: usize, count: u32, side: u32): bool {
  for (let i: u32 = 0; i < count; i++) if (load<u32>(steps + (<usize>i << 3), 4) != side) return false;
  return true;
}

/** Absence of the key under the root: its two neighbours, or the outermost leaf on one side, stand in the tree. */
export function verifyNonMembership(root: usize, key: usize, length: u32, proof: usize, proofLength: u32): bool {
  if (length == 0 || !readCommitment(proof, proofLength, 0x12)) return false;
  let from = contentStart;
  const end = contentStart + contentLength;
  let seen: u32 = 0;
  let leftCount: u32 = 0;
  let rightCount: u32 = 0;
  while (from < end) {
    const tag = load<u8>(from++);
    const field = <u32>tag >>> 3;
    if ((tag & 7) != 2 || field == 0 || field > 3 || (seen >>> field) & 1 || !readBytes(from, end)) return false;
    seen |= 1 << field;
    const start = contentStart;
    const after = start + contentLength;
    // Field 1 repeats the key and binds nothing: the neighbours decide.
    if (field == 2) {
      if (!readExistence(start, after, leftSteps) || !sortsBefore(keyStart, keyLength, key, length)) return false;
      if (!leadsTo(root, leftSteps)) return false;
      leftCount = stepCount;
    } else if (field == 3) {
      if (!readExistence(start, after, rightSteps) || !sortsBefore(key, length, keyStart, keyLength)) return false;
      if (!leadsTo(root, rightSteps)) return false;
      rightCount = stepCount;
    }
    from = after;
  }
  const sides = seen & 0b1100;
  if (sides == 0) return false;
  if (sides == 0b0100) return allOn(leftSteps, leftCount, 1);
  if (sides == 0b1000) return allOn(rightSteps, rightCount, 0);
  return areNeighbours(leftCount, rightCount);
}

/** From the root down: equal steps, then the two sides of one node, then only right, or only left, children. */
function areNeighbours(leftCount: u32, rightCount: u32): bool {
  while (leftCount > 0 && rightCount > 0) {
    const left = leftSteps + (<usize>--leftCount << 3);
    const right = rightSteps + (<usize>--rightCount << 3);
    const leftSide = load<u32>(left, 4);
    const rightSide = load<u32>(right, 4);
    if (leftSide == rightSide && bytesEqual(load<u32>(left), load<u32>(right), 32)) continue;
    return leftSide == 0 && rightSide == 1 && allOn(leftSteps, leftCount, 1) && allOn(rightSteps, rightCount, 0);
  }
  return false;
}
