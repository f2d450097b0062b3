// The parts of the ed25519 module that are not curve arithmetic, against noble's SHA-512 and BigInt. Prints its seed.

import { readFileSync } from "node:fs";
import { sha512 } from "@noble/hashes/sha2.js";
import { describe, expect, test } from "vitest";
import { seededNumbers } from "../../tests/seeded-numbers.ts";
import { coreVariants } from "../modules.ts";

interface Parts {
  readonly memory: WebAssembly.Memory;
  readonly reserveInput: (length: number) => number;
  readonly sha512Begin: () => void;
  readonly sha512Update: (from: number, length: number) => void;
  readonly sha512Finish: (to: number) => void;
  readonly scalarIsCanonical: (from: number) => number;
  readonly scalarReduce: (from: number, to: number) => void;
  readonly scalarMultiplyAdd: (a: number, b: number, c: number, to: number) => void;
  readonly halfSize: (k: number, c: number, d: number) => number;
}

const order = 2n ** 252n + 27742317777372353535851937790883648493n;
const seed = (Date.now() & 0x7fff_ffff) | 1;
console.log(`ed25519 scalars: seed ${seed}`);
const random = seededNumbers(seed);
function randomBits(bits: number): bigint {
  let number = 0n;
  for (let at = 0; at < bits; at += 24) number = (number << 24n) | BigInt(random(1 << 24));
  return number & ((1n << BigInt(bits)) - 1n);
}

describe.each(coreVariants)("ed25519.%s", (variant) => {
  const file = readFileSync(new URL(`../../build/wasm/ed25519.${variant}.wasm`, import.meta.url));
  const parts = new WebAssembly.Instance(new WebAssembly.Module(file), {}).exports as unknown as Parts;
  const start = parts.reserveInput(4096);
  const memory = new Uint8Array(parts.memory.buffer);
  const put = (at: number, number: bigint, length: number): void => {
    for (let i = 0; i < length; i++) memory[start + at + i] = Number((number >> BigInt(8 * i)) & 255n);
  };
  const get = (at: number, length: number): bigint => {
    let number = 0n;
    for (let i = length - 1; i >= 0; i--) number = (number << 8n) | BigInt(memory[start + at + i]!);
    return number;
  };

  test("SHA-512 of every length up to 600, in two pieces", () => {
    for (let length = 0; length <= 600; length++) {
      const message = Uint8Array.from({ length }, () => random(256));
      memory.set(message, start);
      const cut = random(length + 1);
      parts.sha512Begin();
      parts.sha512Update(start, cut);
      parts.sha512Update(start + cut, length - cut);
      parts.sha512Finish(start + 1024);
      expect(memory.slice(start + 1024, start + 1088)).toEqual(sha512(message));
    }
  });

  test("512 bits modulo the order", () => {
    const top = 2n ** 512n;
    const last = top / order;
    const edges = [0n, 1n, 2n ** 252n, 2n ** 252n - 1n, 2n ** 256n, top - 1n, order * order, order * order - 1n];
    const near = [1n, 2n, 3n, 2n ** 128n, order - 1n, last].flatMap((q) => [q * order - 1n, q * order, q * order + 1n]);
    const numbers = [...edges, ...near, ...Array.from({ length: 20_000 }, () => randomBits(1 + random(512)))];
    for (const number of numbers) {
      put(0, number, 64);
      parts.scalarReduce(start, start + 64);
      if (get(64, 32) !== number % order) expect.fail(`${number} modulo the order is not ${get(64, 32)}`);
    }
  });

  test("a * b + c modulo the order, over its own inputs too", () => {
    const edges = [0n, 1n, order - 1n, 2n ** 252n, 2n ** 253n - 1n, 2n ** 128n - 1n];
    const pick = (): bigint => (random(4) === 0 ? edges[random(edges.length)]! : randomBits(253));
    for (let i = 0; i < 20_000; i++) {
      const [a, b, c] = [pick(), pick(), pick()];
      put(0, a, 32);
      put(32, b, 32);
      put(64, c, 32);
      const to = 32 * (i % 4);
      parts.scalarMultiplyAdd(start, start + 32, start + 64, start + to);
      if (get(to, 32) !== (a * b + c) % order) expect.fail(`${a} * ${b} + ${c} is not ${get(to, 32)}`);
    }
  });

  test("S is canonical below the order only", () => {
    const words = [0n, 64n, 128n, 192n].flatMap((shift) => [order + 2n ** shift, order - 2n ** shift]);
    for (const number of [0n, 1n, order, 2n ** 252n, 2n ** 252n - 1n, 2n ** 253n, 2n ** 256n - 1n, ...words]) {
      put(0, number, 32);
      expect([number, parts.scalarIsCanonical(start)]).toEqual([number, number < order ? 1 : 0]);
    }
  });

  test("scalars of half size: c * k = d, 0 < c < 2^126, |d| < 2^127", () => {
    const check = (k: bigint): void => {
      put(0, k, 32);
      const negative = parts.halfSize(start, start + 32, start + 48);
      const c = get(32, 16);
      const d = negative === 1 ? -get(48, 16) : get(48, 16);
      const right = (c * k - d) % order === 0n && c > 0n && c < 2n ** 126n && d < 2n ** 127n && -d < 2n ** 127n;
      if (!right) expect.fail(`half-size scalars of ${k}: ${c}, ${d}`);
    };
    for (const k of [0n, 1n, 2n, order - 1n, order - 2n, (order - 1n) / 2n, (order + 1n) / 2n]) check(k);
    for (let bits = 0n; bits < 253n; bits++) {
      const power = 2n ** bits;
      // Quotients of all sizes, up to the largest: one step of Euclid's algorithm then takes many bits.
      for (const k of [power, power - 1n, power + 1n, order / power, order / power + 1n]) {
        check(k % order);
        check((order - (k % order)) % order);
      }
    }
    for (let part = 1n; part < 200n; part++) for (const k of [0n, 1n]) check((order * part) / 200n + k);
    for (let i = 0; i < 100_000; i++) check(randomBits(253) % order);
  });
});
