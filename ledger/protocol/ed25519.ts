// Ed25519 verification under ZIP-215, the same verdict on every machine: native code may accept, only the ZIP-215 check may reject.
// Native verifiers accept a subset of ZIP-215, S < L apart, which is seen to here, and disagree with each other on the rest. The
// check is the WASM core's where it was handed in, else noble's. Runs in browsers; Node has a faster sync form in ed25519-node.ts.

import type { Ed25519, SignedMessage } from "../../wasm-core/bindings/ed25519.ts";
import { fromHex, hex } from "./bytes.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type Decider = Pick<Ed25519, "verifyBatch">;
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
/** Native verifications under way at once: the platform spreads them over its threads. */
const nativeAtOnce = 64;

/**
 * True when the signature is valid under ZIP-215. False for wrong lengths.
 * @throws {Error} when native code has not accepted it, and what decides could not be loaded: there is no verdict then.
 */
export async function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const [verdict] = await verifyEd25519Batch([{ key: publicKey, message, signature }]);
  return verdict === true;
}

/** The verdict that `verifyEd25519` gives, on each, several at once. @throws {Error} as that. */
export async function verifyEd25519Batch(items: readonly SignedMessage[]): Promise<readonly boolean[]> {
  // The verdict is on the bytes as they are now, whatever their owner writes there while it is waited for.
  const signed = items.map(({ key, message, signature }) => ({
    key: new Uint8Array(key),
    message: new Uint8Array(message),
    signature: new Uint8Array(signature),
  }));
  const verdicts = new Array<boolean>(signed.length).fill(false);
  const open: number[] = [];
  for (let first = 0; first < signed.length; first += nativeAtOnce)
    await Promise.all(
      signed.slice(first, first + nativeAtOnce).map(async (item, i) => {
        // Some native verifiers do not look at S, though RFC 8032 demands it: two signatures would then be valid where one was made.
        if (item.key.length !== 32 || item.signature.length !== 64 || !scalarIsCanonical(item.signature)) return;
        if (await acceptedNatively(item.key, item.message, item.signature)) verdicts[first + i] = true;
        else open.push(first + i);
      }),
    );
  if (open.length === 0) return verdicts;
  const decided = await decide(open.map((at) => signed[at]!));
  for (const [i, at] of open.entries()) verdicts[at] = decided[i] === true;
  return verdicts;
}

async function decide(items: readonly SignedMessage[]): Promise<readonly boolean[]> {
  try {
    const decider = await loadDecider?.();
    if (decider !== undefined) return decider.verifyBatch(items);
  } catch {
    // It could not be loaded, or has failed: noble gives the same verdict.
  }
  const { verifyEd25519Sync } = await import("./ed25519-portable.ts");
  return items.map(({ key, message, signature }) => verifyEd25519Sync(key, message, signature));
}

/** L, the order of the prime-order group, little endian (RFC 8032, section 5.1). */
const order = fromHex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");

/** S, the signature's second half, is less than L, as ZIP-215 demands. */
function scalarIsCanonical(signature: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) if (signature[32 + i] !== order[i]) return signature[32 + i]! < order[i]!;
  return false;
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
