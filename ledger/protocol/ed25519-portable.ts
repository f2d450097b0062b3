// Ed25519 verification under ZIP-215 by noble: of the same verdict as the WASM core's, tens of times slower, and it runs anywhere. For
// where the core is not built or has failed; browsers load it then and not before.

import { ed25519 } from "@noble/curves/ed25519.js";

/** True when the signature is valid under ZIP-215. False for wrong lengths; never throws. */
export function verifyEd25519Sync(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: true });
  } catch {
    return false;
  }
}
