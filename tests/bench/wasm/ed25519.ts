// Bench of Ed25519 verification: the WASM module against noble (the same rule, ZIP-215), libsodium's wasm and WebCrypto (rules
// of their own). Messages of 160 bytes. Imports nothing of Node, so that it runs in a page as well.

import { ed25519 } from "@noble/curves/ed25519.js";
import sodium from "libsodium-wrappers-sumo";
import { instantiateEd25519, type SignedMessage } from "../../../wasm-core/bindings/ed25519.ts";
import type { WasmBench } from "./wasm-bench.ts";

const unit = "verifications/s";
const batchSize = 64;

/** Signatures each by a key of its own: what repeats in a set of validators would make a batch cheaper. */
function signedMessages(count: number): SignedMessage[] {
  return Array.from({ length: count }, () => {
    const { publicKey, secretKey } = ed25519.keygen();
    const message = crypto.getRandomValues(new Uint8Array(160));
    return { key: publicKey, message, signature: ed25519.sign(message, secretKey) };
  });
}

function mustHold(valid: boolean): void {
  if (!valid) throw new Error("a valid signature was refused");
}

/** Takes one item after the other, round and round. */
function inTurn(items: readonly SignedMessage[], verify: (item: SignedMessage) => boolean): () => void {
  let at = 0;
  return () => mustHold(verify(items[at++ % items.length]!));
}

/** Verifications per second when `work` does `batchSize` of them, over at least `millisecondsMin`. */
async function rateOf(work: () => Promise<void> | void, millisecondsMin: number): Promise<number> {
  const started = performance.now();
  let done = 0;
  do {
    await work();
    done += batchSize;
  } while (performance.now() - started < millisecondsMin);
  return (done * 1000) / (performance.now() - started);
}

/** WebCrypto with imported keys, all of a batch in flight at once; null where it has no Ed25519. */
async function webCryptoBatch(items: readonly SignedMessage[]): Promise<(() => Promise<void>) | null> {
  const imported = ({ key }: SignedMessage): Promise<CryptoKey> =>
    crypto.subtle.importKey("raw", new Uint8Array(key), "Ed25519", false, ["verify"]);
  const keys = await Promise.all(items.map(imported)).catch(() => null);
  if (keys === null) return null;
  const parts = items.map(({ message, signature }, i) => ({
    key: keys[i]!,
    message: new Uint8Array(message),
    signature: new Uint8Array(signature),
  }));
  return async () => {
    const verdicts = await Promise.all(
      parts.map(({ key, message, signature }) => crypto.subtle.verify("Ed25519", key, signature, message)),
    );
    mustHold(verdicts.every((valid) => valid));
  };
}

export async function ed25519Lines({ quick, moduleBytes, compareRates, compareRounds }: WasmBench): Promise<void> {
  await sodium.ready;
  const verifier = await instantiateEd25519(moduleBytes("ed25519"), (bytes) => crypto.getRandomValues(bytes));
  const items = signedMessages(batchSize);
  const single = inTurn(items, ({ key, message, signature }) => verifier.verify(key, message, signature));
  compareRates({
    bench: "wasm/ed25519-zip215",
    unit,
    units: 1,
    goal: 2.5,
    ours: single,
    peer: {
      name: "@noble/curves 2.4.0",
      work: inTurn(items, ({ key, message, signature }) => ed25519.verify(signature, message, key, { zip215: true })),
    },
  });
  compareRates({
    bench: "wasm/ed25519-libsodium",
    unit,
    units: 1,
    goal: 1,
    ours: single,
    peer: {
      name: "libsodium-wrappers-sumo 0.8.4",
      work: inTurn(items, ({ key, message, signature }) => sodium.crypto_sign_verify_detached(signature, message, key)),
    },
  });
  const milliseconds = quick ? 100 : 700;
  const peer = await webCryptoBatch(items);
  const batch = (): void => mustHold(verifier.verifyBatch(items).every((valid) => valid));
  batch();
  await peer?.();
  await compareRounds({
    bench: "wasm/ed25519-batch-64",
    unit,
    goal: 1,
    higherIsBetter: true,
    rounds: quick ? 3 : 7,
    ours: () => rateOf(batch, milliseconds),
    ...(peer === null ? {} : { peer: { name: "WebCrypto, 64 in flight", round: () => rateOf(peer, milliseconds) } }),
  });
}
