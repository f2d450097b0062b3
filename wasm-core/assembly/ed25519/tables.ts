// Odd multiples of the base point B and of 2^128 B, made once at first use: 48 KiB that need not be shipped.

import { prepareConstants } from "./constants";
import { decodeNegated } from "./decode";
import { baseMultiples, baseTables, pointBytes } from "./memory";
import { doublePoint, oddMultiples } from "./point";

/** -B: y = 4/5 and, so that its negation is B, x odd (RFC 8032, section 5.1). */
const minusBaseBytes: usize = memory.data<u8>([
  0x58, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
  0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0xe6,
]);
const pointer: usize = memory.data(4, 4);
const base: usize = memory.data(384, 16);
let ready: bool = false;

/** Makes the constants and the tables of the base point, once. */
export function prepare(): void {
  if (ready) return;
  ready = true;
  prepareConstants();
  store<u32>(pointer, <u32>minusBaseBytes);
  decodeNegated(pointer, 1, base);
  oddMultiples(baseTables(), base, baseMultiples);
  for (let i = 0; i < 128; i++) doublePoint(base);
  oddMultiples(baseTables() + <usize>baseMultiples * pointBytes, base, baseMultiples);
}
