// ICS-23 existence and absence verified, many proofs at a time: all are read first; then the values, the leaves, and each step
// of all paths are hashed as lists, four lanes wide.

import { bytesEqual } from "../memory";
import { listBegin, listFlush, listInner } from "../merkle/inner-list";
import { varintLength } from "../comet/proto";
import { batchEntryBytes, noPrefix, sha256Batch } from "../sha256/batch";
import { sha256Begin, sha256Byte, sha256Finish, sha256Update } from "../sha256/digest";
import { allOn, areNeighbours, sortsBefore } from "./absence";
import * as proof from "./read";

/** Leaves whose paths are followed at once; an absent key has two. */
const leavesMax: u32 = 64;
/** Of each leaf: value u32 and its length u32, key u32 and its length u32, next step u32, steps left u32, verdict u32, node u32. */
const leafBytes: usize = 32;
const leaves: usize = memory.data(2048, 16);
const nodes: usize = memory.data(2048, 16);
let leafCount: u32 = 0;
/** Steps of all paths. A path is read only where the longest one has room. */
const stepsInAll: u32 = 4096;
const steps: usize = memory.data(32768, 16);
let stepsUsed: u32 = 0;

/** Leaves are put together here when their keys are short enough; others are hashed alone. */
const shortKeyMax: u32 = 64;
const preimageBytes: usize = 112;
const preimages: usize = memory.data(7168, 16);
const list: usize = memory.data(768, 16); // 64 entries

/** Starts over with none. */
export function begin(): void {
  leafCount = 0;
  stepsUsed = 0;
}

/** True when one more proof can be taken in before those at hand are settled. */
export function hasRoom(): bool {
  return leafCount + 2 <= leavesMax && stepsUsed + 2 * proof.stepsMax <= stepsInAll;
}

/** Where the next path is read to. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function stepsEnd(): usize {
  return steps + stepsUsed * proof.stepBytes;
}

/** Takes in the leaf and path that were read, to be followed to the root. */
function take(verdict: usize): void {
  const leaf = leaves + leafCount * leafBytes;
  store<u32>(leaf, <u32>proof.valueStart);
  store<u32>(leaf, proof.valueLength, 4);
  store<u32>(leaf, <u32>proof.keyStart, 8);
  store<u32>(leaf, proof.keyLength, 12);
  store<u32>(leaf, <u32>stepsEnd(), 16);
  store<u32>(leaf, proof.stepCount, 20);
  store<u32>(leaf, <u32>verdict, 24);
  store<u32>(leaf, <u32>(nodes + (<usize>leafCount << 5)), 28);
  leafCount++;
  stepsUsed += proof.stepCount;
}

/** Takes in the proof that exactly this key and value stand in the tree. Writes 1 at `verdict` until `settle` finds otherwise. */
export function takeExistence(
  key: usize,
  length: u32,
  value: usize,
  valueBytes: u32,
  from: usize,
  proofLength: u32,
  verdict: usize,
): void {
  store<u8>(verdict, 0);
  if (!proof.readCommitment(from, proofLength, 0x0a)) return;
  if (!proof.readExistence(proof.contentStart, proof.contentStart + proof.contentLength, stepsEnd())) return;
  if (proof.keyLength != length || !bytesEqual(proof.keyStart, key, length)) return;
  if (proof.valueLength != valueBytes || !bytesEqual(proof.valueStart, value, valueBytes)) return;
  take(verdict);
  store<u8>(verdict, 1);
}

/**
 * Takes in the proof that the key does not stand in the tree: its two neighbours, or the outermost leaf on one side, do.
 * Writes 1 at `verdict` until `settle` finds otherwise.
 */
export function takeAbsence(key: usize, length: u32, from: usize, proofLength: u32, verdict: usize): void {
  const leavesBefore = leafCount;
  const stepsBefore = stepsUsed;
  if (readAbsence(key, length, from, proofLength, verdict)) {
    store<u8>(verdict, 1);
    return;
  }
  leafCount = leavesBefore;
  stepsUsed = stepsBefore;
  store<u8>(verdict, 0);
}

function readAbsence(key: usize, length: u32, proofFrom: usize, proofLength: u32, verdict: usize): bool {
  if (length == 0 || !proof.readCommitment(proofFrom, proofLength, 0x12)) return false;
  let from = proof.contentStart;
  const end = proof.contentStart + proof.contentLength;
  let seen: u32 = 0;
  let leftSteps: usize = 0;
  let leftCount: u32 = 0;
  let rightSteps: usize = 0;
  let rightCount: u32 = 0;
  while (from < end) {
    const tag = load<u8>(from++);
    const field = <u32>tag >>> 3;
    if ((tag & 7) != 2 || field == 0 || field > 3 || (seen >>> field) & 1 || !proof.readBytes(from, end)) return false;
    seen |= 1 << field;
    const start = proof.contentStart;
    const after = start + proof.contentLength;
    // Field 1 repeats the key and binds nothing: the neighbours decide.
    if (field > 1 && !proof.readExistence(start, after, stepsEnd())) return false;
    if (field == 2) {
      if (!sortsBefore(proof.keyStart, proof.keyLength, key, length)) return false;
      leftSteps = stepsEnd();
      leftCount = proof.stepCount;
      take(verdict);
    } else if (field == 3) {
      if (!sortsBefore(key, length, proof.keyStart, proof.keyLength)) return false;
      rightSteps = stepsEnd();
      rightCount = proof.stepCount;
      take(verdict);
    }
    from = after;
  }
  const sides = seen & 0b1100;
  if (sides == 0) return false;
  if (sides == 0b0100) return allOn(leftSteps, leftCount, 1);
  if (sides == 0b1000) return allOn(rightSteps, rightCount, 0);
  return areNeighbours(leftSteps, leftCount, rightSteps, rightCount);
}

/** Follows all paths that were taken in; where one does not lead to the root its verdict becomes 0. Starts over with none. */
export function settle(root: usize): void {
  hashLeaves();
  let active = leafCount;
  listBegin();
  while (active > 0) {
    let kept: u32 = 0;
    for (let i: u32 = 0; i < active; i++) {
      const leaf = leaves + i * leafBytes;
      const left = load<u32>(leaf, 20);
      const node = <usize>load<u32>(leaf, 28);
      if (left == 0) {
        if (!bytesEqual(node, root, 32)) store<u8>(load<u32>(leaf, 24), 0);
        continue;
      }
      const step = <usize>load<u32>(leaf, 16);
      const sibling = <usize>load<u32>(step);
      if (load<u32>(step, 4)) listInner(sibling, node, node);
      else listInner(node, sibling, node);
      // Paths that go on move up over those that are at their end.
      const place = leaves + kept++ * leafBytes;
      store<u32>(place, <u32>(step + proof.stepBytes), 16);
      store<u32>(place, left - 1, 20);
      store<u32>(place, load<u32>(leaf, 24), 24);
      store<u32>(place, <u32>node, 28);
    }
    listFlush();
    active = kept;
  }
  begin();
}

/** The nodes of all leaves, by way of their values' hashes. */
function hashLeaves(): void {
  for (let i: u32 = 0; i < leafCount; i++) {
    const leaf = leaves + i * leafBytes;
    listMessage(i, load<u32>(leaf), load<u32>(leaf, 4), load<u32>(leaf, 28));
  }
  sha256Batch(list, leafCount, noPrefix);
  let short: u32 = 0;
  for (let i: u32 = 0; i < leafCount; i++) {
    const leaf = leaves + i * leafBytes;
    const key = <usize>load<u32>(leaf, 8);
    const length = load<u32>(leaf, 12);
    const node = <usize>load<u32>(leaf, 28);
    if (length > shortKeyMax) {
      hashLongLeaf(key, length, node);
      continue;
    }
    const preimage = preimages + i * preimageBytes;
    store<u8>(preimage, <u8>length);
    memory.copy(preimage + 1, key, length);
    store<u8>(preimage + 1 + length, 32);
    memory.copy(preimage + 2 + length, node, 32);
    listMessage(short++, <u32>preimage, length + 34, <u32>node);
  }
  sha256Batch(list, short, 0);
}

function listMessage(at: u32, from: u32, length: u32, to: u32): void {
  const entry = list + at * batchEntryBytes;
  store<u32>(entry, from);
  store<u32>(entry, length, 4);
  store<u32>(entry, to, 8);
}

/** Takes the value's hash at `node`, and writes the leaf's there. */
function hashLongLeaf(key: usize, length: u32, node: usize): void {
  sha256Begin();
  sha256Byte(0);
  let rest = length;
  for (let i = varintLength(length); i > 1; i--) {
    sha256Byte((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  sha256Byte(rest);
  sha256Update(key, length);
  sha256Byte(32);
  sha256Update(node, 32);
  sha256Finish(node);
}
