// Who decides on a signature: native code accepts, the WASM core decides what is left, noble where the core cannot be had.

import { ed25519 } from "@noble/curves/ed25519.js";
import { afterEach, expect, test, vi } from "vitest";
import type { SignedMessage } from "../../wasm-core/bindings/ed25519.ts";
import { utf8 } from "./bytes.ts";
import { decideEd25519With, verifyEd25519, verifyEd25519Batch } from "./ed25519.ts";
import { verifyEd25519Batch as verifyBatchInNode } from "./ed25519-node.ts";

const { publicKey, secretKey } = ed25519.keygen();
const message = utf8("a message");
const signature = ed25519.sign(message, secretKey);
const other = utf8("another message");

const core = { verifyBatch: (items: readonly SignedMessage[]) => [...verifyBatchInNode(items)] };
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
  decideEd25519With(async () => ({ verifyBatch: (items) => items.map(() => true) }));
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
      verifyBatch: (): boolean[] => {
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
  expect(verifyBatchInNode(items)).toEqual([true, false, true]);
  expect(verifyBatchInNode([])).toEqual([]);
  expect(verifyBatchInNode([{ key: publicKey, message, signature: signature.subarray(1) }])).toEqual([false]);
});

test("a batch has the verdict of each, and hands the core no more than what native code did not accept", async () => {
  const asked: number[] = [];
  decideEd25519With(async () => ({
    verifyBatch: (items) => {
      asked.push(items.length);
      return core.verifyBatch(items);
    },
  }));
  const items = Array.from({ length: 150 }, (_, i) => ({
    key: publicKey,
    message: i % 7 === 0 ? other : message,
    signature: i % 11 === 0 ? signature.subarray(1) : signature,
  }));
  const expected = items.map((_, i) => i % 7 !== 0 && i % 11 !== 0);
  expect(await verifyEd25519Batch(items)).toEqual(expected);
  expect(asked).toEqual([items.filter((_, i) => i % 7 === 0 && i % 11 !== 0).length]);
  // A platform without Ed25519 leaves all of them to the core.
  asked.length = 0;
  vi.spyOn(crypto.subtle, "verify").mockRejectedValue(new TypeError("not here"));
  expect(await verifyEd25519Batch(items)).toEqual(expected);
  expect(asked).toEqual([items.filter((_, i) => i % 11 !== 0).length]);
  expect(await verifyEd25519Batch([])).toEqual([]);
});
