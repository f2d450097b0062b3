// Who decides on a signature: native code accepts, the WASM core decides what is left, noble where the core cannot be had.

import { ed25519 } from "@noble/curves/ed25519.js";
import { afterEach, expect, test, vi } from "vitest";
import { utf8 } from "./bytes.ts";
import { decideEd25519With, verifyEd25519 } from "./ed25519.ts";
import { verifyEd25519Batch, verifyEd25519Sync } from "./ed25519-node.ts";

const { publicKey, secretKey } = ed25519.keygen();
const message = utf8("a message");
const signature = ed25519.sign(message, secretKey);
const other = utf8("another message");

const core = { verify: verifyEd25519Sync };
afterEach(() => {
  vi.restoreAllMocks();
  decideEd25519With(() => Promise.resolve(core));
});

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

test("an S of L or more is refused, though native code accepts it", async () => {
  const order = ed25519.Point.Fn.ORDER;
  const withS = (S: bigint): Uint8Array => {
    const S32 = Uint8Array.from({ length: 32 }, (_, i) => Number((S >> BigInt(8 * i)) & 255n));
    return Uint8Array.from([...signature.subarray(0, 32), ...S32]);
  };
  const S = signature.subarray(32).reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);
  const native = vi.spyOn(crypto.subtle, "verify").mockResolvedValue(true);
  for (const refused of [order, order + 1n, S + order, S + 8n * order, 2n ** 253n, 2n ** 256n - 1n])
    expect(await verifyEd25519(publicKey, message, withS(refused))).toBe(false);
  expect(native).not.toHaveBeenCalled();
  for (const asked of [0n, S, order - 1n, 2n ** 252n])
    expect(await verifyEd25519(publicKey, message, withS(asked))).toBe(true);
  expect(native).toHaveBeenCalledTimes(4);
});

test("the verdict is on the bytes at the call, whatever is written there later", async () => {
  const nativeOrNot = [undefined, () => Promise.resolve(false)];
  for (const native of nativeOrNot) {
    if (native !== undefined) vi.spyOn(crypto.subtle, "verify").mockImplementation(native);
    const items = [
      { bytes: [publicKey, message, signature], valid: true },
      { bytes: [publicKey, other, signature], valid: false },
    ];
    for (const { bytes, valid } of items)
      for (const which of [0, 1, 2]) {
        const [key, text, signed] = bytes.map((one) => Uint8Array.from(one)) as [Uint8Array, Uint8Array, Uint8Array];
        const verdict = verifyEd25519(key, text, signed);
        // To what would be valid where it was not, and the other way about.
        if (valid) [key, text, signed][which]!.fill(1);
        else text.set(message);
        expect(await verdict).toBe(valid);
      }
  }
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
