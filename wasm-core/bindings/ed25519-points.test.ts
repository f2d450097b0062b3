// Decoding under ZIP-215, point arithmetic and multi-scalar multiplication of the ed25519 module against noble. Prints its seed.

import { ed25519 } from "@noble/curves/ed25519.js";
import { beforeAll, describe, expect, test } from "vitest";
import { coreVariants } from "../modules.ts";
import {
  compileParts,
  elementAt,
  fieldPrime,
  littleEndian,
  moduloPrime,
  type Parts,
  randomBits,
  seededRandom,
} from "./testing/ed25519-parts.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 2 ** 31);
console.log(`ed25519 points: TEST_SEED=${seed}`);

const { Point } = ed25519;
type Point = InstanceType<typeof Point>;
const order = Point.Fn.ORDER;
const pointBytes = 384;

function moduloOrder(number: bigint): bigint {
  return Point.Fn.create(number);
}

/** The point under ZIP-215, or undefined where noble finds none. */
function decode(encoding: Uint8Array): Point | undefined {
  try {
    return Point.fromBytes(encoding, true);
  } catch {
    return undefined;
  }
}

/** All points of small order, by the encoding of one of order 8 (RFC 8032's curve has eight). */
const smallOrder: Point[] = [];
{
  const eighth = Point.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", true);
  for (let point = eighth; smallOrder.length < 8; point = point.add(eighth)) smallOrder.push(point);
}

describe.each(coreVariants)("points, %s", (variant) => {
  let parts: Parts;
  let input: number;
  let points: number;
  beforeAll(async () => {
    parts = await compileParts(variant);
    input = parts.reserveInput(65536);
    points = parts.pointsStart();
  });

  const pointAt = (i: number): number => points + i * pointBytes;
  const put = (at: number, bytes: Uint8Array): void => new Uint8Array(parts.memory.buffer).set(bytes, at);
  const valueAt = (at: number): bigint => moduloPrime(elementAt(parts.memory, at));

  function decodeNegated(encodings: readonly Uint8Array[]): number {
    const list = new DataView(parts.memory.buffer);
    const first = input + 4 * encodings.length;
    encodings.forEach((encoding, i) => {
      list.setUint32(input + 4 * i, first + 32 * i, true);
      put(first + 32 * i, encoding);
    });
    return parts.decodeNegated(input, encodings.length, points);
  }

  /** The point as its coordinates in memory say. */
  function expectPoint(at: number, point: Point): void {
    const [x, y, t, z] = [valueAt(at), valueAt(at + 8), valueAt(at + 192), valueAt(at + 200)];
    const affine = point.toAffine();
    expect(z).not.toBe(0n);
    expect([x, y]).toEqual([moduloPrime(affine.x * z), moduloPrime(affine.y * z)]);
    expect(moduloPrime(t * z)).toBe(moduloPrime(x * y));
  }

  test("decodes what noble decodes under ZIP-215, negated", () => {
    const random = seededRandom(seed);
    const numbers = Array.from({ length: 200 }, () => randomBits(random, 256));
    // Every y that is not below p, and those next to the ends of the range, with and without the sign.
    for (let y = 0n; y < 20n; y++)
      for (const sign of [0n, 2n ** 255n])
        numbers.push(y + sign, 2n ** 255n - 1n - y + sign, fieldPrime - 1n - y + sign);
    const encodings = numbers.map((number) => littleEndian(number));
    for (const point of smallOrder) encodings.push(point.toBytes());
    let decoded = 0;
    for (const encoding of encodings) {
      const point = decode(encoding);
      expect(decodeNegated([encoding])).toBe(point === undefined ? 0 : 1);
      if (point === undefined) continue;
      decoded++;
      expectPoint(pointAt(0), point.negate());
    }
    expect(decoded).toBeGreaterThan(100);
    expect(decoded).toBeLessThan(encodings.length - 50);
  });

  test("names the first of a list that is no point, whatever stands beside it", () => {
    const good = Point.BASE.multiply(7n);
    const bad = littleEndian(2n);
    expect(decode(bad)).toBeUndefined();
    for (let count = 1; count <= 7; count++) {
      for (let wrong = 0; wrong < count; wrong++) {
        const list = Array.from({ length: count }, (_, i) => (i === wrong ? bad : good.toBytes()));
        expect(decodeNegated(list)).toBe(wrong);
        for (let i = 0; i < wrong; i++) expectPoint(pointAt(i), good.negate());
      }
      expect(decodeNegated(Array.from({ length: count }, () => good.toBytes()))).toBe(count);
      for (let i = 0; i < count; i++) expectPoint(pointAt(i), good.negate());
    }
  });

  test("doubles, adds and takes away, neutral points and points of small order among them", () => {
    const random = seededRandom(seed + 1);
    const some = [...smallOrder, ...Array.from({ length: 6 }, () => Point.BASE.multiply(1n + randomBits(random, 250)))];
    for (const first of some)
      for (const second of some) {
        decodeNegated([first.negate().toBytes(), second.negate().toBytes()]);
        parts.doublePoint(pointAt(1));
        expectPoint(pointAt(1), second.double());
        parts.toCached(pointAt(2), pointAt(1));
        parts.addCached(pointAt(0), pointAt(2), 0);
        expectPoint(pointAt(0), first.add(second.double()));
        parts.addCached(pointAt(0), pointAt(2), 1);
        parts.addCached(pointAt(0), pointAt(2), 1);
        expectPoint(pointAt(0), first.subtract(second.double()));
        expect(parts.isIdentity(pointAt(0))).toBe(first.equals(second.double()) ? 1 : 0);
      }
  });

  test("digits add up to their scalar, are odd and far apart", () => {
    const random = seededRandom(seed + 2);
    const to = input + 64;
    for (const [bytes, bits] of [
      [16, 128],
      [32, 253],
    ] as const)
      for (const width of [5, 8])
        for (let round = 0; round < 200; round++) {
          const edges = [0n, 1n, 2n ** BigInt(bits) - 1n, 2n ** BigInt(bits - 1), 0x5555n, 2n ** 100n - 2n ** 60n];
          const scalar = edges[round] ?? randomBits(random, bits);
          const negative = round % 2;
          put(input, littleEndian(scalar, bytes));
          new Uint8Array(parts.memory.buffer, to, 4 * 257).fill(0);
          const used = parts.writeDigits(to, 4, input, bytes, width, negative);
          expect(used).toBeLessThanOrEqual(8 * bytes + 1);
          const digits = new DataView(parts.memory.buffer);
          let total = 0n;
          let last = -width;
          for (let i = 0; i < 257; i++) {
            const digit = digits.getInt8(to + 4 * i);
            if (digit === 0) continue;
            total += BigInt(digit) << BigInt(i);
            if (i >= used || digit % 2 === 0 || Math.abs(digit) >= 2 ** (width - 1) || i - last < width)
              expect.fail(`digit ${digit} at ${i} of ${scalar}`);
            last = i;
          }
          expect(total).toBe(negative === 1 ? -scalar : scalar);
        }
  });

  test("checkSingle holds for what adds up to a point of small order, and for nothing else", () => {
    const random = seededRandom(seed + 3);
    const [u, a, r] = [input, input + 32, input + 64];
    const putSigned = (at: number, number: bigint): void => {
      put(at, littleEndian(number < 0n ? -number : number, 16));
      put(at + 16, littleEndian(number < 0n ? 1n : 0n, 4));
    };
    const edges = [0n, 1n, 2n, 2n ** 128n - 1n, 2n ** 127n, 2n ** 64n - 1n];
    for (let round = 0; round < 60; round++) {
      const secrets = [moduloOrder(randomBits(random, 252)), moduloOrder(randomBits(random, 252))] as const;
      const sign = round % 4;
      const ofA = (edges[round] ?? randomBits(random, 128)) * (sign & 1 ? -1n : 1n);
      const ofR = (edges[(round * 5) % 60] ?? randomBits(random, 128)) * (sign & 2 ? -1n : 1n);
      const torsion = smallOrder[round % 8]!;
      const encodings = secrets.map((secret, i) => {
        const point = Point.BASE.multiply(secret === 0n ? 1n : secret);
        return (i === round % 2 ? point.add(torsion) : point).toBytes();
      });
      expect(decodeNegated(encodings)).toBe(2);
      const scalar = moduloOrder(ofA * secrets[0] + ofR * secrets[1]);
      put(u, littleEndian(scalar));
      putSigned(a, ofA);
      putSigned(r, ofR);
      expect(parts.checkSingle(u, a, pointAt(0), r, pointAt(1))).toBe(1);
      put(u, littleEndian(moduloOrder(scalar + 1n)));
      expect(parts.checkSingle(u, a, pointAt(0), r, pointAt(1))).toBe(0);
      put(u, littleEndian(scalar));
      putSigned(a, ofA === 2n ** 128n - 1n ? 0n : ofA + 1n);
      expect(parts.checkSingle(u, a, pointAt(0), r, pointAt(1))).toBe(0);
    }
  });

  test.each([0, 1, 2, 3, 8, 33, 256])("checkMany of %d points", (count) => {
    const random = seededRandom(seed + 4 + count);
    const [u, list] = [input, input + 32];
    for (const short of new Set([0, count >> 1, count])) {
      const secrets = Array.from({ length: count }, () => 1n + randomBits(random, 250));
      const encodings = secrets.map((secret, i) =>
        Point.BASE.multiply(secret)
          .add(smallOrder[(i * 3) % 8]!)
          .toBytes(),
      );
      if (count > 0) expect(decodeNegated(encodings)).toBe(count);
      const edges = [0n, order - 1n, 1n];
      const scalars = secrets.map((_, i) =>
        i < short
          ? i === 0
            ? 2n ** 128n - 1n
            : randomBits(random, 128)
          : (edges[i - short] ?? randomBits(random, 252)),
      );
      for (const [i, scalar] of scalars.entries()) put(list + 32 * i, littleEndian(scalar));
      const scalar = moduloOrder(secrets.reduce((sum, secret, i) => sum + secret * scalars[i]!, 0n));
      put(u, littleEndian(scalar));
      expect(parts.checkMany(u, points, list, count, short)).toBe(1);
      put(u, littleEndian(moduloOrder(scalar + order - 1n)));
      expect(parts.checkMany(u, points, list, count, short)).toBe(0);
      if (count === 0) continue;
      put(u, littleEndian(scalar));
      const last = list + 32 * (count - 1);
      put(last, littleEndian(scalars[count - 1]! ^ 1n));
      expect(parts.checkMany(u, points, list, count, short)).toBe(0);
    }
  });

  test("checkMany refuses more points than it has room for", () => {
    put(input, littleEndian(0n));
    expect(parts.checkMany(input, points, input, parts.pointsMax.value + 1, 0)).toBe(0);
    expect(parts.checkMany(input, points, input, 0xffff_ffff, 0xffff_ffff)).toBe(0);
  });
});
