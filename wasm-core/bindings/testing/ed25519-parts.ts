// The arithmetic of the ed25519 module, compiled for tests from assembly/ed25519/parts.ts with build.ts's options, and the model it
// is compared with: BigInt modulo p.

import { join } from "node:path";
import asc from "assemblyscript/asc";
import type { CoreVariant } from "../../modules.ts";

export interface Parts {
  readonly memory: WebAssembly.Memory;
  readonly reserveInput: (length: number) => number;
  readonly pointsStart: () => number;
  readonly pointsMax: WebAssembly.Global<"i32">;
  readonly prepare: () => void;
  readonly multiply: (to: number, a: number, b: number) => void;
  readonly square: (to: number, a: number) => void;
  readonly sum: (to: number, a: number, b: number) => void;
  readonly subtract: (to: number, a: number, b: number) => void;
  readonly fromBytes: (to: number, bytes: number) => void;
  readonly isZero: (from: number) => number;
  readonly signOf: (from: number) => number;
  readonly decodeNegated: (list: number, count: number, to: number) => number;
  readonly doublePoint: (point: number) => void;
  readonly addCached: (point: number, cached: number, negative: number) => void;
  readonly toCached: (to: number, point: number) => void;
  readonly isIdentity: (point: number) => number;
  readonly writeDigits: (
    to: number,
    stride: number,
    scalar: number,
    bytes: number,
    width: number,
    negative: number,
  ) => number;
  readonly checkSingle: (u: number, a: number, minusA: number, r: number, minusR: number) => number;
  readonly checkMany: (u: number, points: number, scalars: number, count: number, short: number) => number;
}

/** @throws {Error} with the compiler's words when it does not compile. */
export async function compileParts(variant: CoreVariant): Promise<Parts> {
  const root = join(import.meta.dirname, "../../..");
  let bytes: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [
      ...["wasm-core/assembly/ed25519/parts.ts", "--baseDir", root, "--outFile", "parts.wasm"],
      ...["--optimizeLevel", "3", "--shrinkLevel", "0", "--noAssert", "--runtime", "stub", "--stackSize", "0"],
      ...["--initialMemory", "4", "--maximumMemory", "24"],
      ...(variant === "simd" ? ["--enable", "simd"] : []),
    ],
    {
      writeFile(name, contents) {
        if (name === "parts.wasm" && typeof contents !== "string") bytes = contents;
      },
    },
  );
  if (error !== null || bytes === undefined) throw new Error(`parts.${variant} does not compile\n${stderr.toString()}`);
  const module = new WebAssembly.Module(Uint8Array.from(bytes));
  return new WebAssembly.Instance(module, {}).exports as unknown as Parts;
}

export const fieldPrime = 2n ** 255n - 19n;

export function moduloPrime(number: bigint): bigint {
  const rest = number % fieldPrime;
  return rest < 0n ? rest + fieldPrime : rest;
}

/** Exponent of the power of two that limb `k` counts in: ceil(21.25 k). */
export function limbExponent(k: number): number {
  return Math.ceil(21.25 * k);
}

/** Half of what limb `k` counts to: the "unit" of field.ts. */
export function limbUnit(k: number): number {
  return 2 ** (limbExponent(k + 1) - limbExponent(k) - 1);
}

/** The element whose limb 0 lies at `address`, as its limbs say: not reduced. */
export function elementAt(memory: WebAssembly.Memory, address: number): bigint {
  const limbs = new DataView(memory.buffer);
  let number = 0n;
  for (let k = 0; k < 12; k++) number += BigInt(limbs.getFloat64(address + 16 * k, true));
  return number;
}

/** 32 bytes, little endian, or as many as `length` says. */
export function littleEndian(number: bigint, length = 32): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Number((number >> BigInt(8 * i)) & 255n));
}

/** mulberry32: the same numbers between 0 and 1 for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Below 2^bits. */
export function randomBits(random: () => number, bits: number): bigint {
  let number = 0n;
  for (let at = 0; at < bits; at += 32) number = (number << 32n) | BigInt(Math.floor(random() * 2 ** 32));
  return number & ((1n << BigInt(bits)) - 1n);
}
