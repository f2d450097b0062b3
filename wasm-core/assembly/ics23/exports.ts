// Exports of the core for ICS-23 proofs.

import * as verify from "./verify";

/** Root, key, value and proof lie one after the other at `from`. */
export function verifyMembership(from: usize, keyLength: u32, valueLength: u32, proofLength: u32): bool {
  const key = from + 32;
  const value = key + keyLength;
  return verify.verifyMembership(from, key, keyLength, value, valueLength, value + valueLength, proofLength);
}

/** Root, key and proof lie one after the other at `from`. */
export function verifyNonMembership(from: usize, keyLength: u32, proofLength: u32): bool {
  const key = from + 32;
  return verify.verifyNonMembership(from, key, keyLength, key + keyLength, proofLength);
}
