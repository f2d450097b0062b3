// Exports of the ed25519 module: signatures go into slots, and are then checked singly (slot 0) or as a batch (slots 0 and up).

import { batchMax, outputStart } from "./memory";
import { headBytes, signatureBegin, signatureFinish, signatureUpdate } from "./signature";
import { verifyBatch, verifySingle } from "./verify";

export { signatureBegin, signatureFinish, signatureUpdate };

/** Signatures that one batch takes. */
export function batchLimit(): u32 {
  return batchMax;
}

/** A signature whose message is at hand as a whole: key, signature and message one after the other. */
export function signatureWhole(index: u32, from: usize, length: u32): void {
  if (length < headBytes) return;
  signatureBegin(index, from);
  signatureUpdate(from + headBytes, length - headBytes);
  signatureFinish(index);
}

/** 1 when the signature in slot 0 is valid. */
export function verifyOne(): u32 {
  return u32(verifySingle());
}

/** Writes a verdict, 0 or 1, for each of the first `count` slots to the output; 16 random bytes for each at `random`. */
export function verifyMany(count: u32, random: usize): void {
  verifyBatch(count, random, outputStart());
}
