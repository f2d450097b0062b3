// Who decides on a signature: native code accepts, the WASM core decides what is left, noble where the core cannot be had.

import { ed25519 } from "@noble/curves/ed25519.js";
import { afterEach, expect, test } from "vitest";
import { utf8 } from "./bytes.ts";
import { decideEd25519With, verifyEd25519 } from "./ed25519.ts";
import { verifyEd25519Batch, verifyEd25519Sync } from "./ed25519-node.ts";

const { publicKey, secretKey } = ed25519.keygen();
const message = utf8("a message");
const signature = ed25519.sign(message, secretKey);
const other = utf8("another message");

const core = { verify: verifyEd25519Sync };
afterEach(() => decideEd25519With(() => Promise.resolve(core)));

test("the core is loaded when native code rejects, and not before", async () => {
  let loads = 0;
  decideEd25519With(async () => {
    loads++;
    return core;
  });
  expect(await verifyEd25519(publicKey, message, signature)).toBe(true);
  expect(loads).toBe(0);
  expect(await verifyEd25519(publicKey, other, signature)).toBe(false);
  expect(loads).toBe(1);
  expect(await verifyEd25519(publicKey.subarray(1), other, signature)).toBe(false);
  expect(loads).toBe(1);
});

test("the core's verdict counts", async () => {
  decideEd25519With(async () => ({ verify: () => true }));
  expect(await verifyEd25519(publicKey, other, signature)).toBe(true);
});

test("noble decides while the core cannot be loaded, and when it fails", async () => {
  // Key and R are the neutral element, S is 0: valid under ZIP-215, and rejected by native code.
  const neutral = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : 0));
  const odd = Uint8Array.from([...neutral, ...new Uint8Array(32)]);
  const failing = [
    () => Promise.reject(new Error("no network")),
    async () => ({
      verify: (): boolean => {
        throw new Error("trapped");
      },
    }),
  ];
  for (const load of failing) {
    decideEd25519With(load);
    expect(await verifyEd25519(neutral, message, odd)).toBe(true);
    expect(await verifyEd25519(publicKey, other, signature)).toBe(false);
  }
});

test("in Node a batch has the verdict of each", () => {
  const items = [message, other, message].map((one) => ({ key: publicKey, message: one, signature }));
  expect(verifyEd25519Batch(items)).toEqual([true, false, true]);
  expect(verifyEd25519Batch([])).toEqual([]);
  expect(verifyEd25519Batch([{ key: publicKey, message, signature: signature.subarray(1) }])).toEqual([false]);
});
