// Field arithmetic of the ed25519 module against BigInt, with limbs at the bounds that field.ts states. Prints its seed.

import { beforeAll, describe, expect, test } from "vitest";
import { coreVariants } from "../modules.ts";
import {
  compileParts,
  elementAt,
  fieldPrime,
  limbExponent,
  limbUnit,
  littleEndian,
  moduloPrime,
  type Parts,
  randomBits,
  seededRandom,
} from "./testing/ed25519-parts.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 2 ** 31);
console.log(`ed25519 field: TEST_SEED=${seed}`);
/** How far a result's limb may pass its unit. */
const slack = 1.001;
const lanes = [0, 8];

describe.each(coreVariants)("field arithmetic, %s", (variant) => {
  let parts: Parts;
  let a: number;
  let b: number;
  let to: number;
  let bytes: number;
  beforeAll(async () => {
    parts = await compileParts(variant);
    a = parts.reserveInput(4096);
    b = a + 192;
    to = a + 384;
    bytes = a + 576;
  });

  /** Limbs of both lanes up to `units`, in a pattern that `random` chooses: all at a bound, signs in turn, or mixed. */
  function fill(at: number, units: number, random: () => number): void {
    const limbs = new DataView(parts.memory.buffer);
    const pattern = Math.floor(random() * 5);
    for (const lane of lanes)
      for (let k = 0; k < 12; k++) {
        const most = Math.floor(limbUnit(k) * slack * units);
        const any = Math.round((2 * random() - 1) * most);
        const mixed = [0, 1, -1, most, -most, any][Math.floor(random() * 6)]!;
        const limb = [most, -most, k % 2 === 0 ? most : -most, any, mixed][pattern]!;
        limbs.setFloat64(at + 16 * k + lane, limb * 2 ** limbExponent(k), true);
      }
  }

  function expectOneUnit(at: number): void {
    const limbs = new DataView(parts.memory.buffer);
    for (const lane of lanes)
      for (let k = 0; k < 12; k++) {
        const limb = limbs.getFloat64(at + 16 * k + lane, true) / 2 ** limbExponent(k);
        if (!Number.isInteger(limb) || Math.abs(limb) > limbUnit(k) * slack) expect.fail(`limb ${k} is ${limb}`);
      }
  }

  const valueAt = (at: number): bigint => elementAt(parts.memory, at);

  test("products and squares are exact for operands of 15 units, and have 1 unit", () => {
    const random = seededRandom(seed);
    const units = [1, 15, 3, 5, 3.8, 2.5];
    for (let round = 0; round < 3000; round++) {
      const ofA = units[round % units.length]!;
      fill(a, ofA, random);
      fill(b, 15 / ofA, random);
      parts.multiply(to, a, b);
      expectOneUnit(to);
      for (const lane of lanes)
        expect(moduloPrime(valueAt(to + lane))).toBe(moduloPrime(valueAt(a + lane) * valueAt(b + lane)));
      fill(a, 3.8, random);
      parts.square(to, a);
      expectOneUnit(to);
      for (const lane of lanes) expect(moduloPrime(valueAt(to + lane))).toBe(moduloPrime(valueAt(a + lane) ** 2n));
    }
  });

  test("a result may take an operand's place", () => {
    const random = seededRandom(seed + 1);
    for (let round = 0; round < 100; round++) {
      fill(a, 2, random);
      fill(b, 2, random);
      const product = lanes.map((lane) => moduloPrime(valueAt(a + lane) * valueAt(b + lane)));
      if (round % 2 === 0) parts.multiply(a, a, b);
      else parts.multiply(b, a, b);
      const at = round % 2 === 0 ? a : b;
      expect(lanes.map((lane) => moduloPrime(valueAt(at + lane)))).toEqual(product);
      const square = lanes.map((lane) => moduloPrime(valueAt(at + lane) ** 2n));
      parts.square(at, at);
      expect(lanes.map((lane) => moduloPrime(valueAt(at + lane)))).toEqual(square);
    }
  });

  test("sums and differences", () => {
    const random = seededRandom(seed + 2);
    for (let round = 0; round < 300; round++) {
      fill(a, 3, random);
      fill(b, 3, random);
      parts.sum(to, a, b);
      expect(lanes.map((lane) => valueAt(to + lane))).toEqual(
        lanes.map((lane) => valueAt(a + lane) + valueAt(b + lane)),
      );
      parts.subtract(to, a, b);
      expect(lanes.map((lane) => valueAt(to + lane))).toEqual(
        lanes.map((lane) => valueAt(a + lane) - valueAt(b + lane)),
      );
    }
  });

  test("encodings of every kind, also not below p, with bit 255 left out; their zero and their sign", () => {
    const random = seededRandom(seed + 3);
    const p = fieldPrime;
    const edges = [0n, 1n, 18n, 19n, 20n, p - 1n, p, p + 1n, p + 18n, 2n ** 255n - 1n, 2n ** 255n, 2n ** 256n - 1n];
    const near = edges.map((edge) => edge ^ (1n << BigInt(Math.floor(random() * 256))));
    const rest = Array.from({ length: 2000 }, () => randomBits(random, 256));
    for (const encoding of [...edges, ...near, ...rest])
      for (const lane of lanes) {
        new Uint8Array(parts.memory.buffer).set(littleEndian(encoding), bytes);
        new Uint8Array(parts.memory.buffer, a, 192).fill(0);
        parts.fromBytes(a + lane, bytes);
        expectOneUnit(a);
        const value = moduloPrime(encoding & (2n ** 255n - 1n));
        expect(moduloPrime(valueAt(a + lane))).toBe(value);
        expect(parts.isZero(a + lane)).toBe(value === 0n ? 1 : 0);
        expect(parts.signOf(a + lane)).toBe(Number(value & 1n));
      }
  });

  test("zero and sign of limbs that are not carried", () => {
    const random = seededRandom(seed + 4);
    const limbs = new DataView(parts.memory.buffer);
    for (let round = 0; round < 1000; round++) {
      fill(a, 15, random);
      const value = moduloPrime(valueAt(a));
      expect(parts.signOf(a)).toBe(Number(value & 1n));
      new Uint8Array(parts.memory.buffer).set(littleEndian(value), bytes);
      parts.fromBytes(b, bytes);
      parts.subtract(to, a, b);
      expect(parts.isZero(to)).toBe(1);
      const k = round % 12;
      limbs.setFloat64(to + 16 * k, limbs.getFloat64(to + 16 * k, true) + 2 ** limbExponent(k), true);
      expect(parts.isZero(to)).toBe(0);
    }
  });

  test("zero and sign next to multiples of 2^255 and of p", () => {
    const limbs = new DataView(parts.memory.buffer);
    for (let times = -15; times <= 15; times++)
      for (let more = -600; more <= 600; more++) {
        new Uint8Array(parts.memory.buffer, a, 192).fill(0);
        limbs.setFloat64(a, more, true);
        limbs.setFloat64(a + 16 * 11, times * 2 ** 255, true);
        const value = moduloPrime(BigInt(times) * 2n ** 255n + BigInt(more));
        if (parts.signOf(a) !== Number(value & 1n) || (parts.isZero(a) === 1) !== (value === 0n))
          expect.fail(`${times} * 2^255 + ${more}`);
      }
  });
});
