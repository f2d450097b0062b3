// Ed25519 verification under ZIP-215, the same verdict on every machine: native code may accept, only the ZIP-215 check may reject.
// Native verifiers accept a subset of ZIP-215 and disagree with each other on the rest. The check is the WASM core's where it was
// handed in, else noble's. Runs in browsers; Node has a faster sync form in ed25519-node.ts.

import { ed25519 } from "@noble/curves/ed25519.js";
import type { Ed25519 } from "../../wasm-core/bindings/ed25519.ts";
import { hex } from "./bytes.ts";

type Decider = Pick<Ed25519, "verify">;
let loadDecider: (() => Promise<Decider>) | undefined;

/**
 * Hands in the WASM core's check, several times as fast as noble's: whoever floods a page with signatures that native code
 * rejects makes it decide each. Loaded when native code has rejected for the first time; noble decides while it cannot be had.
 */
export function decideEd25519With(load: () => Promise<Decider>): void {
  loadDecider = load;
}

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
  try {
    const decider = await loadDecider?.();
    if (decider !== undefined) return decider.verify(publicKey, message, signature);
  } catch {
    // It could not be loaded, or has failed: noble gives the same verdict.
  }
  return verifyEd25519Sync(publicKey, message, signature);
}

/** As `verifyEd25519`, without waiting, native code or WASM. */
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
