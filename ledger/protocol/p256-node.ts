// ECDSA over P-256 for Node by OpenSSL, more than ten times as fast as p256.ts and with its verdicts. What the two could see differently is
// decided here or by p256.ts: lengths, ranges, keys that do not decode. For a point of the curve and numbers in range the equation
// leaves nothing open (FIPS 186-5, section 6.4.2), so that OpenSSL's rejection counts as its acceptance does. Keeps the 1,024 keys used last.

import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { hex } from "./bytes.ts";
import { verifyP256 as verifyPortably } from "./p256.ts";

const keysMax = 1024;
/** SubjectPublicKeyInfo (RFC 5480) up to a compressed point. */
const spkiPrefix = Buffer.from("3039301306072a8648ce3d020106082a8648ce3d030107032200", "hex");
const order = Buffer.from("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", "hex");
const keys = new Map<string, KeyObject>();

/** True when the signature is valid. False for anything malformed; never throws. */
export function verifyP256(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 33 || signature.length !== 64) return false;
  if (!isInRange(signature.subarray(0, 32)) || !isInRange(signature.subarray(32))) return false;
  return verdictOfOpenssl(publicKey, message, signature) ?? verifyPortably(publicKey, message, signature);
}

/** From 1 to the order of the curve less 1 (FIPS 186-5, section 6.4.2, step 1). Big-endian bytes of one length compare as numbers. */
function isInRange(number: Uint8Array): boolean {
  return number.some((byte) => byte !== 0) && Buffer.compare(number, order) < 0;
}

/** Null when OpenSSL gives none: a key that is no point of the curve, or a build without the curve. */
function verdictOfOpenssl(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean | null {
  try {
    return verify("sha256", message, { key: keyOf(publicKey), dsaEncoding: "ieee-p1363" }, signature);
  } catch {
    return null;
  }
}

function keyOf(publicKey: Uint8Array): KeyObject {
  const name = hex(publicKey);
  const known = keys.get(name);
  if (known !== undefined) {
    // Moved to the end: the one used longest ago goes first.
    keys.delete(name);
    keys.set(name, known);
    return known;
  }
  const key = createPublicKey({ key: Buffer.concat([spkiPrefix, publicKey]), format: "der", type: "spki" });
  if (keys.size >= keysMax) {
    const oldest = keys.keys().next();
    if (!oldest.done) keys.delete(oldest.value);
  }
  keys.set(name, key);
  return key;
}
