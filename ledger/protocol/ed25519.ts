// Ed25519 verification under ZIP-215, the same verdict on every machine: native code may accept, only the ZIP-215 check may reject.
// Native verifiers accept a subset of ZIP-215 and disagree with each other on the rest. Runs in browsers; Node has a faster sync form in ed25519-node.ts.

import { ed25519 } from "@noble/curves/ed25519.js";
import { hex } from "./bytes.ts";

/** Imported public keys kept for reuse; the oldest goes first. */
const nativeKeysMax = 1024;
const nativeKeys = new Map<string, Promise<CryptoKey>>();
let nativeMissing = false;

/** True when the signature is valid under ZIP-215. False for wrong lengths; never throws. */
export async function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  if (await acceptedNatively(publicKey, message, signature)) return true;
  return verifyEd25519Sync(publicKey, message, signature);
}

/** As `verifyEd25519`, without waiting and without native code. */
export function verifyEd25519Sync(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: true });
  } catch {
    return false;
  }
}

async function acceptedNatively(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  // Pages that are not secure contexts have no SubtleCrypto, and some browsers have it without Ed25519.
  const subtle = globalThis.crypto?.subtle;
  if (nativeMissing || subtle === undefined) return false;
  try {
    const key = await nativeKey(subtle, publicKey);
    return await subtle.verify("Ed25519", key, new Uint8Array(signature), new Uint8Array(message));
  } catch (error) {
    if (error instanceof Error && error.name === "NotSupportedError") nativeMissing = true;
    return false;
  }
}

function nativeKey(subtle: SubtleCrypto, publicKey: Uint8Array): Promise<CryptoKey> {
  const name = hex(publicKey);
  const known = nativeKeys.get(name);
  if (known !== undefined) return known;
  const key = subtle.importKey("raw", new Uint8Array(publicKey), "Ed25519", false, ["verify"]);
  key.catch(() => nativeKeys.delete(name));
  if (nativeKeys.size >= nativeKeysMax) {
    const oldest = nativeKeys.keys().next();
    if (!oldest.done) nativeKeys.delete(oldest.value);
  }
  nativeKeys.set(name, key);
  return key;
}
