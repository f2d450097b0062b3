// Ed25519 verification under ZIP-215, the same verdict on every machine: native code may accept, only the ZIP-215 check may reject.
// Native verifiers accept a subset of ZIP-215, S < L apart, which is seen to here, and disagree with each other on the rest. The
// check is the WASM core's where it was handed in, else noble's. Runs in browsers; Node has a faster sync form in ed25519-node.ts.

import { ed25519 } from "@noble/curves/ed25519.js";
import type { Ed25519 } from "../../wasm-core/bindings/ed25519.ts";
import { fromHex, hex } from "./bytes.ts";

type Bytes = Uint8Array<ArrayBuffer>;
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
  // The verdict is on the bytes as they are now, whatever their owner writes there while it is waited for.
  const [key, text, signed] = [new Uint8Array(publicKey), new Uint8Array(message), new Uint8Array(signature)];
  // Some native verifiers do not look, though RFC 8032 demands it: two signatures would then be valid where one was made.
  if (!scalarIsCanonical(signed)) return false;
  if (await acceptedNatively(key, text, signed)) return true;
  try {
    const decider = await loadDecider?.();
    if (decider !== undefined) return decider.verify(key, text, signed);
  } catch {
    // It could not be loaded, or has failed: noble gives the same verdict.
  }
  return verifyEd25519Sync(key, text, signed);
}

/** L, the order of the prime-order group, little endian (RFC 8032, section 5.1). */
const order = fromHex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");

/** S, the signature's second half, is less than L, as ZIP-215 demands. */
function scalarIsCanonical(signature: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) if (signature[32 + i] !== order[i]) return signature[32 + i]! < order[i]!;
  return false;
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

async function acceptedNatively(publicKey: Bytes, message: Bytes, signature: Bytes): Promise<boolean> {
  // Pages that are not secure contexts have no SubtleCrypto, and some browsers have it without Ed25519.
  const subtle = globalThis.crypto?.subtle;
  if (nativeMissing || subtle === undefined) return false;
  try {
    const key = await nativeKey(subtle, publicKey);
    return await subtle.verify("Ed25519", key, signature, message);
  } catch (error) {
    if (error instanceof Error && error.name === "NotSupportedError") nativeMissing = true;
    return false;
  }
}

function nativeKey(subtle: SubtleCrypto, publicKey: Bytes): Promise<CryptoKey> {
  const name = hex(publicKey);
  const known = nativeKeys.get(name);
  if (known !== undefined) return known;
  const key = subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
  key.catch(() => nativeKeys.delete(name));
  if (nativeKeys.size >= nativeKeysMax) {
    const oldest = nativeKeys.keys().next();
    if (!oldest.done) nativeKeys.delete(oldest.value);
  }
  nativeKeys.set(name, key);
  return key;
}
