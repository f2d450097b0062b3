// Ed25519 verification under ZIP-215 (zips.z.cash/zip-0215): S < L; A and R are any encodings of curve points; and
// [8](S B - k A - R) is the identity. Public data only: nothing here is constant in time.

import { decodeNegated } from "./decode";
import { halfSize } from "./half-size";
import { batchMax, pointBytes, pointsStart } from "./memory";
import { checkMany, checkSingle } from "./multiply";
import { scalarMultiplyAdd } from "./scalar";
import { challengeOffset, keyOffset, pointOffset, scalarOffset, slotAt, takeSlot } from "./signature";

/** A batch of two takes as long as two single checks; of more it pays. */
const batchMin: u32 = 3;

/** Of a check: points to decode, and what they are multiplied by once decoded (at `pointsStart`). */
const encodings: usize = memory.data(2 * batchMax * 4, 16);
const scalars: usize = memory.data(2 * batchMax * 32, 16);
/** Slots of a batch that may still be valid, and for each which of the batch's keys it is under; both u32. */
const candidates: usize = memory.data(batchMax * 4, 16);
const keyOf: usize = memory.data(batchMax * 4, 16);
const sum: usize = memory.data(32, 16);
/** Magnitude and sign, as `checkSingle` takes them. */
const d: usize = memory.data(20, 16);
const c: usize = memory.data(20, 16);
/** c again, with the zeros that make it 32 bytes. */
const factor: usize = memory.data(32, 16);
const zero: usize = memory.data(32, 16);

/** The verdict on the signature in slot 0. */
export function verifySingle(): bool {
  if (!takeSlot(0)) return false;
  const slot = slotAt(0);
  store<u32>(encodings, slot + keyOffset, 0);
  store<u32>(encodings, slot + pointOffset, 4);
  if (decodeNegated(encodings, 2, pointAt(0)) != 2) return false;
  return equationHolds(slot, pointAt(0), pointAt(1));
}

/**
 * Verdicts on the signatures in slots 0 to `count` - 1, at most batchMax: a byte each, 0 or 1, to `to`. `random` holds 16 bytes
 * for each that nobody could foresee who made the signatures: then a batch with one that is not valid passes as a whole with
 * probability 2^-128 only. In all other cases each verdict is the one of `verifySingle`.
 */
export function verifyBatch(count: u32, random: usize, to: usize): void {
  count = min(count, batchMax);
  memory.fill(to, 0, count);
  let left: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    if (takeSlot(i)) store<u32>(candidates + (left++ << 2), i);
  }
  // Where one does not decode, it and those under the same key are dropped and the rest begins again, which then decodes.
  let keys: u32 = 0;
  for (let before: u32 = 0; left != before; ) {
    before = left;
    keys = listEncodings(left);
    left = dropUndecodable(left, keys);
  }
  if (left == 0) return;
  if (left >= batchMin && batchHolds(left, keys, random)) {
    for (let i: u32 = 0; i < left; i++) store<u8>(to + candidate(i), 1);
    return;
  }
  for (let i: u32 = 0; i < left; i++) {
    const minusA = pointAt(left + load<u32>(keyOf + (i << 2)));
    store<u8>(to + candidate(i), u8(equationHolds(slotAt(candidate(i)), minusA, pointAt(i))));
  }
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function pointAt(i: u32): usize {
  return pointsStart() + <usize>i * pointBytes;
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function candidate(i: u32): u32 {
  return load<u32>(candidates + (i << 2));
}

/** Lists every candidate's R and then every key once. Returns how many keys there are. */
function listEncodings(left: u32): u32 {
  const keyList = encodings + (left << 2);
  let keys: u32 = 0;
  for (let i: u32 = 0; i < left; i++) {
    const slot = slotAt(candidate(i));
    store<u32>(encodings + (i << 2), slot + pointOffset);
    const key = slot + keyOffset;
    let known: u32 = 0;
    while (known < keys && !sameKey(load<u32>(keyList + (known << 2)), key)) known++;
    if (known == keys) store<u32>(keyList + (keys++ << 2), key);
    store<u32>(keyOf + (i << 2), known);
  }
  return keys;
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function sameKey(a: usize, b: usize): bool {
  return load<u64>(a) == load<u64>(b) && memory.compare(a, b, 32) == 0;
}

/** Decodes what is listed and drops candidates whose R or key is no point. Returns how many are left. */
function dropUndecodable(left: u32, keys: u32): u32 {
  const count = left + keys;
  let done: u32 = 0;
  let all = true;
  while (done < count) {
    const from = encodings + (done << 2);
    const decoded = decodeNegated(from, count - done, pointAt(done));
    done += decoded;
    if (done == count) break;
    store<u32>(encodings + (done << 2), 0);
    done++;
    all = false;
  }
  if (all) return left;
  let kept: u32 = 0;
  for (let i: u32 = 0; i < left; i++) {
    const key = left + load<u32>(keyOf + (i << 2));
    if (load<u32>(encodings + (i << 2)) == 0 || load<u32>(encodings + (key << 2)) == 0) continue;
    store<u32>(candidates + (kept++ << 2), candidate(i));
  }
  return kept;
}

/** [8] of the sum of z (S B - k A - R) over all candidates, each with a z of its own that is not 0, is the identity. */
function batchHolds(left: u32, keys: u32, random: usize): bool {
  const keyScalars = scalars + (left << 5);
  memory.fill(sum, 0, 32);
  memory.fill(keyScalars, 0, keys << 5);
  for (let i: u32 = 0; i < left; i++) {
    const slot = slotAt(candidate(i));
    const z = scalars + (i << 5);
    memory.copy(z, random + (candidate(i) << 4), 16);
    memory.fill(z + 16, 0, 16);
    // A z of 0 would leave its signature out, and all that a source of randomness that fails gives is zeros.
    if ((load<u64>(z) | load<u64>(z, 8)) == 0) return false;
    const keyScalar = keyScalars + (load<u32>(keyOf + (i << 2)) << 5);
    scalarMultiplyAdd(z, slot + challengeOffset, keyScalar, keyScalar);
    scalarMultiplyAdd(z, slot + scalarOffset, sum, sum);
  }
  return checkMany(sum, pointAt(0), scalars, left + keys, left);
}

/** [8](S B - k A - R) is the identity, by scalars of half size: c S B - d A - c R for d = c k, with c not 0 modulo L. */
function equationHolds(slot: usize, minusA: usize, minusR: usize): bool {
  store<u32>(d, halfSize(slot + challengeOffset, c, d), 16);
  memory.copy(factor, c, 16);
  scalarMultiplyAdd(factor, slot + scalarOffset, zero, sum);
  return checkSingle(sum, d, minusA, c, minusR);
}
