// Numbers at which parsers break: around every width in which a length, a count or a position may be held.

import type { Random } from "./random.ts";

/** For fields of 32 bits. */
const extremeUint32 = [
  0, 1, 2, 31, 33, 63, 65, 127, 128, 255, 256, 257, 16_383, 16_384, 65_535, 65_536, 0x7fff_ffff, 0x8000_0000,
  0x8000_0001, 0xffff_0000, 0xffff_fff0, 0xffff_ffff,
];

export function extremeUint32Of(random: Random): number {
  return random.pick(extremeUint32);
}

/** Whole numbers that a double holds exactly. */
const extremeCounts = [0, 1, 2, 3, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 52, 2 ** 53 - 2, 2 ** 53 - 1];

export function extremeCountOf(random: Random): number {
  return random.pick(extremeCounts);
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.of(...bytes, Number(rest));
}

/** Varints of extreme values, longer forms of small ones, and forms that are none. */
const extremeVarints: readonly Uint8Array[] = [
  ...[0n, 1n, 2n, 31n, 32n, 33n, 127n, 128n, 255n, 256n, 16_383n, 16_384n, 65_536n].map(varint),
  ...[31n, 32n, 33n, 53n, 63n].flatMap((bits) => [varint((1n << bits) - 1n), varint(1n << bits)]),
  varint((1n << 64n) - 1n),
  Uint8Array.of(0x80, 0),
  Uint8Array.of(0xa0, 0x80, 0),
  Uint8Array.of(0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0),
  Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2),
  new Uint8Array(10).fill(0x80),
  new Uint8Array(12).fill(0xff),
];

export function extremeVarintOf(random: Random): Uint8Array {
  return random.pick(extremeVarints);
}
