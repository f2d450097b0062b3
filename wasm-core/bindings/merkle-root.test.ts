// RFC 6962 roots of the core, with SIMD and without, against an independent recursive model over noble: every count to 1,100,
// ragged counts around powers of two and chunks of 1,024, and every way in (array, packed, hashes).

import { sha256 } from "@noble/hashes/sha2.js";
import { expect, test } from "vitest";
import { seededNumbers } from "../../tests/seeded-numbers.ts";
import { describeCores } from "./testing/cores.ts";
import { modelInner } from "./testing/rfc6962-model.ts";

const seed = Date.now() & 0x7fff_ffff;
console.log(`merkle root: seed ${seed}`);
const random = seededNumbers(seed);
const pool = Uint8Array.from({ length: 600_000 }, () => random(256));
const hex = (data: Uint8Array): string => Buffer.from(data).toString("hex");

function leafHash(leaf: Uint8Array): Uint8Array {
  return sha256.create().update(Uint8Array.of(0)).update(leaf).digest();
}
/** RFC 6962 §2.1 as it is written, over leaf hashes. `full` remembers full subtrees, which the prefixes of one list share. */
function model(
  hashes: readonly Uint8Array[],
  full = new Map<string, Uint8Array>(),
  from = 0,
  to = hashes.length,
): Uint8Array {
  const size = to - from;
  if (size === 0) return sha256(new Uint8Array());
  if (size === 1) return hashes[from]!;
  const known = full.get(`${from} ${to}`);
  if (known !== undefined) return known;
  let split = 1;
  while (split * 2 < size) split *= 2;
  const root = modelInner(model(hashes, full, from, from + split), model(hashes, full, from + split, to));
  if (split * 2 === size) full.set(`${from} ${to}`, root);
  return root;
}

const leaves = Array.from({ length: 17_000 }, (_, i) => pool.subarray(i * 32, i * 32 + 32));
const leafHashes = leaves.map(leafHash);
const full = new Map<string, Uint8Array>();
const roots = new Map<number, string>();
function expectedRoot(count: number): string {
  let root = roots.get(count);
  if (root === undefined) {
    root = hex(model(leafHashes, full, 0, count));
    roots.set(count, root);
  }
  return root;
}

describeCores((ours) => {
  test("every count from 0 to 1,100: array, packed and hashes", () => {
    for (let count = 0; count <= 1100; count++) {
      const expected = expectedRoot(count);
      expect(hex(ours.merkleRootOfPacked(pool.subarray(0, count * 32), 32)), `packed ${count}`).toBe(expected);
      expect(hex(ours.merkleRoot(leaves.slice(0, count))), `array ${count}`).toBe(expected);
      expect(hex(ours.merkleRootOfHashes(leafHashes.slice(0, count))), `hashes ${count}`).toBe(expected);
    }
  });

  test.each([
    2047, 2048, 2049, 3071, 3072, 3073, 4095, 4096, 4097, 5120, 6150, 8191, 8192, 8193, 16_383, 16_384, 16_385,
  ])("%i leaves", (count) => {
    const expected = expectedRoot(count);
    expect(hex(ours.merkleRootOfPacked(pool.subarray(0, count * 32), 32))).toBe(expected);
    expect(hex(ours.merkleRoot(leaves.slice(0, count)))).toBe(expected);
    expect(hex(ours.merkleRootOfHashes(leafHashes.slice(0, count)))).toBe(expected);
  });

  test.each([1, 7, 31, 33, 54, 55, 56, 64, 100, 119, 120, 1000, 65_535, 65_536, 65_537, 150_000])(
    "leaves of %i bytes",
    (size) => {
      for (const count of [0, 1, 2, 3, 5, 8, 1025 + random(1100)]) {
        const bytes = pool.subarray(0, Math.min(count, Math.floor(pool.length / size)) * size);
        const parts = Array.from({ length: bytes.length / size }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
        const expected = hex(model(parts.map(leafHash)));
        expect(hex(ours.merkleRootOfPacked(bytes, size)), `packed ${count}`).toBe(expected);
        expect(hex(ours.merkleRoot(parts)), `array ${count}`).toBe(expected);
      }
    },
  );

  test("leaves of many lengths, long ones between short ones", () => {
    for (let i = 0; i < 30; i++) {
      const parts = Array.from({ length: random(1500) }, () => {
        const length = random(200) === 0 ? random(140_000) : random(random(4) === 0 ? 300 : 40);
        const from = random(pool.length - length);
        return pool.subarray(from, from + length);
      });
      expect(hex(ours.merkleRoot(parts))).toBe(hex(model(parts.map(leafHash))));
      expect(hex(ours.dataHash(parts))).toBe(hex(model(parts.map((part) => leafHash(sha256(part))))));
    }
  });

  test("misuse is refused", () => {
    const leaf = new Uint8Array(32);
    for (const size of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])
      expect(() => ours.merkleRootOfPacked(leaf, size), `size ${size}`).toThrow(RangeError);
    for (const size of [31, 33, 64]) expect(() => ours.merkleRootOfPacked(leaf, size)).toThrow(RangeError);
    expect(() => ours.merkleRootOfHashes([leaf, leaf.subarray(1)])).toThrow(RangeError);
  });
});
