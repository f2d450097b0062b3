// ECDSA over P-256 with SHA-256 (FIPS 186-5): signatures as 64 bytes r | s (IEEE P1363), keys compressed. High S is valid, as
// WebAuthn demands. Runs in browsers; Node has a faster form with the same verdicts in p256-node.ts.

import { p256 } from "@noble/curves/nist.js";
import { fromHex, hex } from "./bytes.ts";

/** True when the signature is valid. False for wrong lengths, keys off the curve and numbers out of range; never throws. */
export function verifyP256(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 33 || signature.length !== 64) return false;
  try {
    return p256.verify(signature, message, publicKey, { lowS: false });
  } catch {
    return false;
  }
}

/** Whether the bytes are a compressed point of the curve. All such points have the full prime order. */
export function isP256Point(publicKey: Uint8Array): boolean {
  if (publicKey.length !== 33) return false;
  try {
    p256.Point.fromBytes(publicKey).assertValidity();
    return true;
  } catch {
    return false;
  }
}

/** SubjectPublicKeyInfo of P-256 (RFC 5480) up to the coordinates of an uncompressed point. */
const spkiPrefix = fromHex("3059301306072a8648ce3d020106082a8648ce3d03010703420004");

/** The compressed key, hex, of what WebAuthn's `getPublicKey()` gives; null when that is no P-256 key in SubjectPublicKeyInfo. */
export function keyOfSpki(spki: Uint8Array): string | null {
  const start = spkiPrefix.length;
  if (spki.length !== start + 64 || spkiPrefix.some((byte, at) => spki[at] !== byte)) return null;
  const sign = (spki[start + 63]! & 1) === 0 ? "02" : "03";
  const key = sign + hex(spki.subarray(start, start + 32));
  // The point of this x must be the one that was given.
  return isP256Point(fromHex(key)) &&
    hex(p256.Point.fromHex(key).toBytes(false).subarray(1)) === hex(spki.subarray(start))
    ? key
    : null;
}

/**
 * r | s of a signature in DER (RFC 3279, section 2.2.3), as WebAuthn gives it; null when it is not strict DER of two
 * positive integers of at most 32 bytes.
 */
export function rawOfDerSignature(der: Uint8Array): Uint8Array<ArrayBuffer> | null {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return null;
  const raw = new Uint8Array(64);
  let at = 2;
  for (const end of [32, 64]) {
    const length = der[at + 1];
    if (der[at] !== 0x02 || length === undefined || length === 0 || at + 2 + length > der.length) return null;
    const integer = der.subarray(at + 2, at + 2 + length);
    // Negative, or longer than it need be.
    if (integer[0]! >= 0x80 || (integer[0] === 0 && length > 1 && integer[1]! < 0x80)) return null;
    const digits = integer[0] === 0 ? integer.subarray(1) : integer;
    if (digits.length > 32) return null;
    raw.set(digits, end - digits.length);
    at += 2 + length;
  }
  return at === der.length ? raw : null;
}
