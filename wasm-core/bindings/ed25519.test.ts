// Ed25519 under ZIP-215: single and batch verdicts equal noble's on valid, mutated, random and deliberately odd signatures.
// Prints its seed.

import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { describe, expect, test } from "vitest";
import { seededNumbers } from "../../tests/seeded-numbers.ts";
import { coreVariants } from "../modules.ts";
import { type Ed25519, instantiateEd25519, instantiateEd25519Sync, type SignedMessage } from "./ed25519.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const { Point } = ed25519;
const order = Point.Fn.ORDER;
const seed = (Date.now() & 0x7fff_ffff) | 1;
console.log(`ed25519: seed ${seed}`);
const random = seededNumbers(seed);
function randomBytes(length: number): Bytes {
  return Uint8Array.from({ length }, () => random(256));
}
function fillRandom(bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) bytes[i] = random(256);
}

const signers = Array.from({ length: 8 }, () => {
  const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), randomBytes(32)]);
  const privateKey = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
  const key = new Uint8Array(createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(12));
  return { key, sign: (message: Uint8Array) => new Uint8Array(sign(null, message, privateKey)) };
});

function signed(message: Uint8Array): SignedMessage {
  const signer = signers[random(signers.length)]!;
  return { key: signer.key, message, signature: signer.sign(message) };
}

function little(number: bigint): Bytes {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((number >> BigInt(8 * i)) & 255n));
}

function fromLittle(bytes: Uint8Array): bigint {
  return bytes.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

function join(...parts: readonly Uint8Array[]): Bytes {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function flipped(bytes: Uint8Array): Bytes {
  const copy = new Uint8Array(bytes);
  const bit = random(copy.length * 8);
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}

/** One bit of the key, the message or the signature turned over. */
function mutated(item: SignedMessage): SignedMessage {
  const which = random(3);
  if (which === 0) return { ...item, key: flipped(item.key) };
  if (which === 1) return { ...item, signature: flipped(item.signature) };
  return { ...item, message: item.message.length === 0 ? randomBytes(1) : flipped(item.message) };
}

function byNoble({ key, message, signature }: SignedMessage): boolean {
  if (key.length !== 32 || signature.length !== 64) return false;
  try {
    return ed25519.verify(signature, message, key, { zip215: true });
  } catch {
    return false;
  }
}

/** A point of order eight, whose multiples are the eight points of small order. */
const torsion = Point.fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
const torsions = Array.from({ length: 8 }, (_, i) => (i === 0 ? Point.ZERO : torsion.multiplyUnsafe(BigInt(i))));

/** All encodings of small-order points that ZIP-215 admits: canonical, y + p where it fits, and x = 0 with the sign bit set. */
const smallOrder = torsions.flatMap((point) => {
  const found: Bytes[] = [];
  const y = fromLittle(point.toBytes()) & (2n ** 255n - 1n);
  for (const encodedY of [y, y + 2n ** 255n - 19n]) {
    if (encodedY >= 2n ** 255n) continue;
    for (const sign of [0n, 1n]) {
      const encoding = little(encodedY | (sign << 255n));
      if (Point.fromBytes(encoding, true).equals(point)) found.push(encoding);
    }
  }
  return found;
});

/** A signature by hand: R = r B + (torsion), A = a B + (torsion), S = r + k a + error, plus the order if asked. */
function handmade(options: {
  readonly torsionOfKey: number;
  readonly torsionOfR: number;
  readonly error: bigint;
  readonly unreduced?: boolean;
}): SignedMessage {
  const a = (fromLittle(randomBytes(32)) % (order - 1n)) + 1n;
  const r = (fromLittle(randomBytes(32)) % (order - 1n)) + 1n;
  const key = Point.BASE.multiply(a).add(torsions[options.torsionOfKey]!).toBytes();
  const R = Point.BASE.multiply(r).add(torsions[options.torsionOfR]!).toBytes();
  const message = randomBytes(random(200));
  const k = fromLittle(sha512(join(R, key, message))) % order;
  const S = ((r + k * a + options.error + order) % order) + (options.unreduced === true ? order : 0n);
  return { key, message, signature: join(R, little(S)) };
}

function single(verifier: Ed25519, item: SignedMessage): boolean {
  return verifier.verify(item.key, item.message, item.signature);
}

describe.each(coreVariants)("ed25519.%s", (variant) => {
  const file = readFileSync(new URL(`../../build/wasm/ed25519.${variant}.wasm`, import.meta.url));
  const verifier = instantiateEd25519Sync(file, fillRandom);

  /** Single verdicts, the batch's and noble's are the same; answers how many are valid. */
  function agree(items: readonly SignedMessage[]): number {
    const expected = items.map(byNoble);
    const first = (verdicts: readonly boolean[]): number => verdicts.findIndex((verdict, i) => verdict !== expected[i]);
    expect({ single: first(items.map((item) => single(verifier, item))) }).toEqual({ single: -1 });
    expect({ batch: first(verifier.verifyBatch(items)) }).toEqual({ batch: -1 });
    return expected.filter((valid) => valid).length;
  }

  test("valid signatures over messages of every length up to 300", () => {
    const items = Array.from({ length: 301 }, (_, length) => signed(randomBytes(length)));
    for (const item of items) expect(single(verifier, item)).toBe(true);
    expect(verifier.verifyBatch(items)).toEqual(items.map(() => true));
  });

  test("messages around the piece that is handed over at once", () => {
    const noise = randomBytes(200_000);
    for (const length of [65_535, 65_536, 65_537, 131_072, 200_000]) {
      const item = signed(noise.subarray(0, length));
      expect(single(verifier, item)).toBe(true);
      expect(verifier.verifyBatch([item, mutated(item), item])).toEqual([true, false, true]);
    }
  });

  test("one bit turned over, as noble says", () => {
    const items = Array.from({ length: 100 }, () => signed(randomBytes(random(200))));
    agree(items.map((item) => (random(3) === 0 ? item : mutated(item))));
  });

  test("random bytes, as noble says", () => {
    const garbage = Array.from({ length: 100 }, () => {
      const signature = randomBytes(64);
      // Most S would be refused unseen.
      signature[63]! &= 0x0f;
      return { key: randomBytes(32), message: randomBytes(random(40)), signature };
    });
    expect(agree(garbage)).toBe(0);
  });

  test("keys and R with parts of small order are valid, in a batch too", () => {
    const items = torsions.flatMap((_, torsionOfKey) =>
      torsions.map((__, i) => handmade({ torsionOfKey, torsionOfR: (i + torsionOfKey) % 8, error: 0n })),
    );
    expect(agree(items)).toBe(64);
  });

  test("a wrong S with parts of small order is not valid, nor is one of the order or more", () => {
    const items = torsions.flatMap((_, torsionOfKey) => [
      handmade({ torsionOfKey, torsionOfR: 8 - torsionOfKey - 1, error: 1n }),
      handmade({ torsionOfKey, torsionOfR: torsionOfKey, error: -1n }),
      handmade({ torsionOfKey, torsionOfR: 0, error: 0n, unreduced: true }),
    ]);
    expect(agree(items)).toBe(0);
  });

  test("every pair of small-order encodings is valid with S = 0 and with no other S", () => {
    expect(smallOrder).toHaveLength(14);
    const items = smallOrder.flatMap((key) =>
      smallOrder.map((R) => ({ key, message: randomBytes(5), signature: join(R, little(0n)) })),
    );
    expect(verifier.verifyBatch(items)).toEqual(items.map(() => true));
    for (const item of items) {
      expect(single(verifier, item)).toBe(true);
      const other = { ...item, signature: join(item.signature.subarray(0, 32), little(1n)) };
      expect(single(verifier, other)).toBe(false);
    }
    agree(items.filter((_, i) => i % 5 === 0));
  });

  test("y from p to 2^255 - 1, with and without the sign bit, as noble says", () => {
    const encodings = Array.from({ length: 19 }, (_, i) => 2n ** 255n - 19n + BigInt(i)).flatMap((y) => [
      little(y),
      little(y | (1n << 255n)),
    ]);
    const item = signed(randomBytes(20));
    agree(
      encodings.flatMap((e) => [
        { ...item, key: e },
        { ...item, signature: join(e, little(BigInt(random(9)))) },
      ]),
    );
  });

  test.each([0, 1, 2, 3, 63, 64, 65, 127, 128, 129, 257, 1000])(
    "a batch of %i, with some that are not valid",
    (size) => {
      const valid = Array.from({ length: size }, () => signed(randomBytes(random(100))));
      expect(verifier.verifyBatch(valid)).toEqual(valid.map(() => true));
      const mixed = valid.map((item) => {
        const kind = random(20);
        if (kind === 0) return mutated(item);
        if (kind === 1) return { ...item, signature: item.signature.subarray(1) };
        return kind === 2 ? { ...item, key: join(item.key, randomBytes(1)) } : item;
      });
      expect(verifier.verifyBatch(mixed)).toEqual(mixed.map((item) => single(verifier, item)));
    },
  );

  test("batches of which none is valid, none decodes, or all are under one key", () => {
    const items = Array.from({ length: 64 }, () => signed(randomBytes(10)));
    const none = items.map((item) => ({ ...item, message: randomBytes(11) }));
    expect(verifier.verifyBatch(none)).toEqual(none.map(() => false));
    // y = 2 is on no point of the curve.
    const noPoint = little(2n);
    expect(verifier.verifyBatch(items.map((item) => ({ ...item, key: noPoint })))).toEqual(items.map(() => false));
    const halfWithoutPoint = items.map((item, i) =>
      i % 2 === 0 ? item : { ...item, signature: join(noPoint, item.signature.subarray(32)) },
    );
    expect(verifier.verifyBatch(halfWithoutPoint)).toEqual(items.map((_, i) => i % 2 === 0));
    const [signer] = signers;
    const ofOne = items.map(({ message }) => ({ key: signer!.key, message, signature: signer!.sign(message) }));
    expect(verifier.verifyBatch(ofOne)).toEqual(ofOne.map(() => true));
    expect(verifier.verifyBatch([...ofOne.slice(1), { ...ofOne[0]!, message: randomBytes(3) }])).toEqual(
      ofOne.map((_, i) => i !== 63),
    );
  });

  test("errors that cancel each other fool nobody who does not know the random bytes", () => {
    const [one, other] = [signed(randomBytes(10)), signed(randomBytes(10))];
    const shifted = (item: SignedMessage, by: bigint): SignedMessage => {
      const S = (fromLittle(item.signature.subarray(32)) + by + order) % order;
      return { ...item, signature: join(item.signature.subarray(0, 32), little(S)) };
    };
    const three = [shifted(one, 1n), shifted(other, -1n), signed(randomBytes(10))];
    expect(verifier.verifyBatch(three)).toEqual([false, false, true]);
    const foreseen = instantiateEd25519Sync(file, (bytes) => bytes.fill(1));
    expect(foreseen.verifyBatch(three)).toEqual([true, true, true]);
  });

  test("random bytes that are zeros leave no signature out", () => {
    const items = Array.from({ length: 5 }, () => signed(randomBytes(10)));
    const forged = items.map((item, i) => (i === 3 ? item : mutated(item)));
    for (const zeros of [80, 16, 15]) {
      const failing = instantiateEd25519Sync(file, (bytes) => bytes.fill(1).fill(0, 0, zeros));
      expect(failing.verifyBatch(forged)).toEqual(forged.map((item) => single(verifier, item)));
      expect(failing.verifyBatch(items)).toEqual(items.map(() => true));
    }
  });

  test("wrong lengths are false", () => {
    const item = signed(randomBytes(10));
    for (const length of [0, 31, 33, 64])
      expect(verifier.verify(new Uint8Array(length), item.message, item.signature)).toBe(false);
    for (const length of [0, 32, 63, 65])
      expect(verifier.verify(item.key, item.message, new Uint8Array(length))).toBe(false);
  });

  test("a slot that was not filled is not valid, and a signature is not valid twice", () => {
    const exports = new WebAssembly.Instance(new WebAssembly.Module(file), {}).exports as unknown as {
      readonly memory: WebAssembly.Memory;
    } & Record<
      "reserveInput" | "signatureWhole" | "signatureBegin" | "signatureFinish" | "verifyOne" | "batchLimit",
      (...parameters: number[]) => number
    >;
    const { key, message, signature } = signed(randomBytes(10));
    const from = exports.reserveInput(106);
    new Uint8Array(exports.memory.buffer).set(join(key, signature, message), from);
    expect(exports.verifyOne()).toBe(0);
    exports.signatureWhole(0, from, 106);
    expect([exports.verifyOne(), exports.verifyOne()]).toEqual([1, 0]);
    exports.signatureBegin(0, from);
    expect(exports.verifyOne()).toBe(0);
    exports.signatureWhole(0, from, 95);
    expect(exports.verifyOne()).toBe(0);
    for (const index of [exports.batchLimit(), 0x7fff_ffff, 0xffff_ffff]) {
      exports.signatureWhole(index, from, 106);
      exports.signatureFinish(index);
    }
    expect(exports.reserveInput(1 << 24)).toBe(0);
  });

  test("loads without blocking too", async () => {
    const item = signed(randomBytes(10));
    expect(single(await instantiateEd25519(file, fillRandom), item)).toBe(true);
    await expect(instantiateEd25519(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]), fillRandom)).rejects.toThrow(
      TypeError,
    );
  });
});
