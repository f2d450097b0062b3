// Ed25519 signatures to damage: sound ones, ones with points of small order in key and R, scalars beyond the order, odd encodings.

import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import type { Random } from "../random.ts";

export interface SignatureCase {
  readonly key: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  /** What noble says of it under ZIP-215. */
  readonly valid: boolean;
}

const { Point } = ed25519;
const order = Point.Fn.ORDER;
const field = 2n ** 255n - 19n;

export function validByNoble(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, message, key, { zip215: true });
  } catch {
    return false;
  }
}

function little(number: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((number >> BigInt(8 * i)) & 255n));
}

function fromLittle(bytes: Uint8Array): bigint {
  return bytes.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

/** A point of order eight: its multiples are the eight points of small order. */
const torsion = Point.fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
const torsions = Array.from({ length: 8 }, (_, i) => (i === 0 ? Point.ZERO : torsion.multiplyUnsafe(BigInt(i))));

/** Encodings of small-order points and of numbers beyond the field, in and out of what ZIP-215 admits. */
export const oddEncodings: readonly Uint8Array[] = [
  ...torsions.flatMap((point) => {
    const y = fromLittle(point.toBytes()) & (2n ** 255n - 1n);
    return [y, y + field].filter((one) => one < 2n ** 255n).flatMap((one) => [little(one), little(one | (1n << 255n))]);
  }),
  ...[field - 1n, field, field + 1n, field + 18n, 2n ** 255n - 1n, 2n ** 256n - 1n].map(little),
];

/** Scalars on either side of every bound. */
export const oddScalars: readonly Uint8Array[] = [
  ...[
    0n,
    1n,
    order - 1n,
    order,
    order + 1n,
    2n * order - 1n,
    8n * order,
    2n ** 252n,
    2n ** 253n,
    2n ** 255n,
    2n ** 256n - 1n,
  ],
].map(little);

/** R = r B + torsion, A = a B + torsion, S = r + k a + error, and the order on top if asked. */
function handmade(random: Random): Omit<SignatureCase, "valid"> {
  const a = (fromLittle(random.bytes(32)) % (order - 1n)) + 1n;
  const r = (fromLittle(random.bytes(32)) % (order - 1n)) + 1n;
  const mixed = random.oneIn(2);
  const key = Point.BASE.multiply(a)
    .add(torsions[mixed ? random.below(8) : 0]!)
    .toBytes();
  const R = Point.BASE.multiply(r)
    .add(torsions[mixed ? random.below(8) : 0]!)
    .toBytes();
  const message = random.bytes(random.below(random.oneIn(4) ? 600 : 130));
  const k = fromLittle(sha512(Uint8Array.from([...R, ...key, ...message]))) % order;
  const error = random.oneIn(6) ? 1n : 0n;
  const S = ((r + k * a + error) % order) + (random.oneIn(8) ? order : 0n);
  return { key, message, signature: Uint8Array.from([...R, ...little(S)]) };
}

export function signatureCases(random: Random, count: number): SignatureCase[] {
  return Array.from({ length: count }, (_, i) => {
    const made = handmade(random);
    if (i % 8 === 0) made.signature.set(random.pick(oddEncodings));
    if (i % 8 === 1) made.key.set(random.pick(oddEncodings));
    // Small order throughout: with S = 0 such signatures are valid for any message.
    if (i % 8 === 2) {
      made.key.set(random.pick(oddEncodings));
      made.signature.set(random.pick(oddEncodings));
      made.signature.set(random.pick(oddScalars), 32);
    }
    return { ...made, valid: validByNoble(made.key, made.message, made.signature) };
  });
}
