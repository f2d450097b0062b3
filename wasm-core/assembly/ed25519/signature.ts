// Signatures taken in for verification (RFC 8032 section 5.1.7): each fills a slot with the key, R, S and k = SHA-512(R | A | M)
// modulo L. Messages of any length, in pieces; one message at a time. A slot is empty again after the check that used it.

import { batchMax } from "./memory";
import { scalarIsCanonical, scalarReduce } from "./scalar";
import { sha512Begin, sha512Finish, sha512Update } from "./sha512";

/** Offsets in a slot. */
export const keyOffset: usize = 0;
export const pointOffset: usize = 32;
export const scalarOffset: usize = 64;
export const challengeOffset: usize = 96;
const stateOffset: usize = 128;
const slotBytes: usize = 144;

/** States of a slot: nothing or half a message, a signature that no group element can make valid (S >= L), one to be checked. */
const empty: u32 = 0;
const refused: u32 = 1;
const ready: u32 = 2;

const slots: usize = memory.data(batchMax * 144, 16);
const digest: usize = memory.data(64, 16);

/** Bytes before the message: key and signature. */
export const headBytes: u32 = 96;

// @ts-ignore: a decorator of AssemblyScript
@inline
export function slotAt(index: u32): usize {
  return slots + <usize>index * slotBytes;
}

/** Begins a signature in slot `index`: 32 bytes of key and 64 of signature at `from`. */
export function signatureBegin(index: u32, from: usize): void {
  if (index >= batchMax) return;
  const slot = slotAt(index);
  memory.copy(slot, from, headBytes);
  store<u32>(slot, empty, stateOffset);
  sha512Begin();
  sha512Update(slot + pointOffset, 32);
  sha512Update(slot + keyOffset, 32);
}

/** Takes in a piece of the message of the signature that was begun last. */
export function signatureUpdate(from: usize, length: u32): void {
  sha512Update(from, length);
}

/** Ends the message; `index` as in `signatureBegin`. */
export function signatureFinish(index: u32): void {
  if (index >= batchMax) return;
  const slot = slotAt(index);
  sha512Finish(digest);
  scalarReduce(digest, slot + challengeOffset);
  store<u32>(slot, scalarIsCanonical(slot + scalarOffset) ? ready : refused, stateOffset);
}

/** Takes a slot's signature out for checking: true when it may be valid. The bytes stay until the slot is filled again. */
export function takeSlot(index: u32): bool {
  const state = load<u32>(slotAt(index), stateOffset);
  store<u32>(slotAt(index), empty, stateOffset);
  return state == ready;
}
