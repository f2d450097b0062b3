// Exports of the core for ICS-23 proofs.

import { isInput, outputStart } from "../memory";
import * as verify from "./verify";

/** Root, key, value and proof lie one after the other at `from`. */
export function verifyMembership(from: usize, keyLength: u32, valueLength: u32, proofLength: u32): bool {
  if (!isInput(from, 32 + <u64>keyLength + valueLength + proofLength)) return false;
  const key = from + 32;
  const value = key + keyLength;
  verify.begin();
  verify.takeExistence(key, keyLength, value, valueLength, value + valueLength, proofLength, outputStart());
  verify.settle(from);
  return load<u8>(outputStart()) != 0;
}

/** Root, key and proof lie one after the other at `from`. */
export function verifyNonMembership(from: usize, keyLength: u32, proofLength: u32): bool {
  if (!isInput(from, 32 + <u64>keyLength + proofLength)) return false;
  const key = from + 32;
  verify.begin();
  verify.takeAbsence(key, keyLength, key + keyLength, proofLength, outputStart());
  verify.settle(from);
  return load<u8>(outputStart()) != 0;
}

/** As a value's length: the key is absent. */
const absent: u32 = 0xffff_ffff;
/** Claims that one call takes. */
const claimsMax: u32 = 4096;

/**
 * The root, then `length` bytes of claims: key length u32, value length u32 (0xffffffff for an absent key), proof length u32,
 * key, value, proof. Writes a byte a claim to the output region: 1 when it holds. Claims read; one that is cut short is the last.
 */
export function verifyMemberships(from: usize, length: u32): u32 {
  if (!isInput(from, 32 + <u64>length)) return 0;
  let at = from + 32;
  const end = at + length;
  let read: u32 = 0;
  verify.begin();
  while (at < end && read < claimsMax) {
    const verdict = outputStart() + read++;
    store<u8>(verdict, 0);
    if (end - at < 12) break;
    const keyLength = load<u32>(at);
    const valueLength = load<u32>(at, 4);
    const proofLength = load<u32>(at, 8);
    const valueBytes: u32 = valueLength == absent ? 0 : valueLength;
    at += 12;
    if (<u64>keyLength + valueBytes + proofLength > <u64>(end - at)) break;
    if (!verify.hasRoom()) verify.settle(from);
    const value = at + keyLength;
    const proof = value + valueBytes;
    if (valueLength == absent) verify.takeAbsence(at, keyLength, proof, proofLength, verdict);
    else verify.takeExistence(at, keyLength, value, valueLength, proof, proofLength, verdict);
    at = proof + proofLength;
  }
  verify.settle(from);
  return read;
}
