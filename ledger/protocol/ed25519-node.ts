// Ed25519 verification under ZIP-215 for Node: OpenSSL accepts fast, noble's ZIP-215 check decides what OpenSSL rejects.
// Verdicts are identical to ed25519.ts. Browsers must not import this file.

import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { hex } from "./bytes.ts";
import { verifyEd25519Sync as verifyPortably } from "./ed25519.ts";

/** Key objects kept for reuse; the oldest goes first. */
const nativeKeysMax = 4096;
const nativeKeys = new Map<string, KeyObject>();
/** SubjectPublicKeyInfo of Ed25519 (RFC 8410) up to the key's 32 bytes. */
const keyInfoPrefix = Buffer.from("302a300506032b6570032100", "hex");

/** True when the signature is valid under ZIP-215. False for wrong lengths; never throws. */
export function verifyEd25519Sync(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    if (verify(null, message, nativeKey(publicKey), signature)) return true;
  } catch {
    // OpenSSL refuses some encodings that ZIP-215 admits.
  }
  return verifyPortably(publicKey, message, signature);
}

function nativeKey(publicKey: Uint8Array): KeyObject {
  const name = hex(publicKey);
  const known = nativeKeys.get(name);
  if (known !== undefined) return known;
  const key = createPublicKey({ key: Buffer.concat([keyInfoPrefix, publicKey]), format: "der", type: "spki" });
  if (nativeKeys.size >= nativeKeysMax) {
    const oldest = nativeKeys.keys().next();
    if (!oldest.done) nativeKeys.delete(oldest.value);
  }
  nativeKeys.set(name, key);
  return key;
}
