// ECDSA over P-256 for Node: OpenSSL may accept, only noble may reject, so that verdicts are those of p256.ts on every machine.
// Browsers must not import this file. Keeps the 1,024 keys used last.

import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { hex } from "./bytes.ts";
import { verifyP256 as verifyPortably } from "./p256.ts";

const keysMax = 1024;
/** SubjectPublicKeyInfo (RFC 5480) up to a compressed point. */
const spkiPrefix = Buffer.from("3039301306072a8648ce3d020106082a8648ce3d030107032200", "hex");
const keys = new Map<string, KeyObject>();

/** True when the signature is valid. False for anything malformed; never throws. */
export function verifyP256(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 33 || signature.length !== 64) return false;
  return acceptedByOpenssl(publicKey, message, signature) || verifyPortably(publicKey, message, signature);
}

function acceptedByOpenssl(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify("sha256", message, { key: keyOf(publicKey), dsaEncoding: "ieee-p1363" }, signature);
  } catch {
    return false;
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
