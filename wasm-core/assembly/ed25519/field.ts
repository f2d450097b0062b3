// The field of p = 2^255 - 19, two elements side by side (a "pair"): twelve limbs of 21.25 bits as f64, after D. J. Bernstein,
// "Curve25519: new Diffie-Hellman speed records" (2006), section 4. Engines multiply two f64 a time in one instruction, but have no
// such one for wide integers: a pair takes 144 multiplications here, while ten integer limbs take 100 that cost four times as much.
//
// Limb k is an integer multiple of 2^ceil(21.25 k), so that no product needs shifting. A pair lies in memory limb by limb: 12 times
// 16 bytes, lane 0 first. One "unit" is what every multiplication returns: |limb k| <= 1.001 * 2^(ceil(21.25 (k + 1)) - 1). The limbs
// of a multiplication's two operands may be u and v units with u * v <= 15: then no sum passes 2^53 multiples, and all is exact.

import { add, mul, splat, sub } from "./lanes";

/** Bytes of a pair. */
export const pairBytes: usize = 192;

/** 19 / 2^255: brings limb 12 + k back to limb k. Constants lie in memory: engines load them faster than they make them. */
const wrap: usize = memory.data<u64>([0x3043000000000000, 0x3043000000000000], 16);

/** 3 * 2^51 times the lowest bit of limb k + 1: added to limb k and taken off again, it rounds the limb to a carry. */
const rounding: usize = memory.data<u64>([
  0x4498000000000000, 0x4498000000000000, 0x45e8000000000000, 0x45e8000000000000,
  0x4738000000000000, 0x4738000000000000, 0x4888000000000000, 0x4888000000000000,
  0x49e8000000000000, 0x49e8000000000000, 0x4b38000000000000, 0x4b38000000000000,
  0x4c88000000000000, 0x4c88000000000000, 0x4dd8000000000000, 0x4dd8000000000000,
  0x4f38000000000000, 0x4f38000000000000, 0x5088000000000000, 0x5088000000000000,
  0x51d8000000000000, 0x51d8000000000000, 0x5328000000000000, 0x5328000000000000,
], 16);

/** The second factor's limbs 1 to 11 times 19 / 2^255, then its limbs 0 to 11: what row i of a product needs begins at 11 - i. */
const window: usize = memory.data(368, 16);
/** Limbs of a product before they are carried. */
const columns: usize = memory.data(192, 16);

// @ts-ignore: a decorator of AssemblyScript
@inline
function addMul<V>(sum: V, a: V, b: V): V {
  return add<V>(sum, mul<V>(a, b));
}

/** What limb `k` hands on to the next: a multiple of that limb's lowest bit. At most half of it stays behind. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function carryOf<V>(limb: V, k: usize): V {
  const round = load<V>(rounding + k * 16);
  return sub<V>(add<V>(limb, round), round);
}

/** Carries the columns of a product, in four chains that begin three limbs apart. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function carryColumns<V>(to: usize): void {
  let r0 = load<V>(columns, 0); let r1 = load<V>(columns, 16); let r2 = load<V>(columns, 32);
  let r3 = load<V>(columns, 48); let r4 = load<V>(columns, 64); let r5 = load<V>(columns, 80);
  let r6 = load<V>(columns, 96); let r7 = load<V>(columns, 112); let r8 = load<V>(columns, 128);
  let r9 = load<V>(columns, 144); let r10 = load<V>(columns, 160); let r11 = load<V>(columns, 176);
  let carry: V;
  carry = carryOf<V>(r0, 0); r0 = sub<V>(r0, carry); r1 = add<V>(r1, carry);
  carry = carryOf<V>(r3, 3); r3 = sub<V>(r3, carry); r4 = add<V>(r4, carry);
  carry = carryOf<V>(r6, 6); r6 = sub<V>(r6, carry); r7 = add<V>(r7, carry);
  carry = carryOf<V>(r9, 9); r9 = sub<V>(r9, carry); r10 = add<V>(r10, carry);
  carry = carryOf<V>(r1, 1); r1 = sub<V>(r1, carry); r2 = add<V>(r2, carry);
  carry = carryOf<V>(r4, 4); r4 = sub<V>(r4, carry); r5 = add<V>(r5, carry);
  carry = carryOf<V>(r7, 7); r7 = sub<V>(r7, carry); r8 = add<V>(r8, carry);
  carry = carryOf<V>(r10, 10); r10 = sub<V>(r10, carry); r11 = add<V>(r11, carry);
  carry = carryOf<V>(r2, 2); r2 = sub<V>(r2, carry); r3 = add<V>(r3, carry);
  carry = carryOf<V>(r5, 5); r5 = sub<V>(r5, carry); r6 = add<V>(r6, carry);
  carry = carryOf<V>(r8, 8); r8 = sub<V>(r8, carry); r9 = add<V>(r9, carry);
  carry = carryOf<V>(r11, 11); r11 = sub<V>(r11, carry); r0 = addMul<V>(r0, carry, load<V>(wrap));
  carry = carryOf<V>(r3, 3); r3 = sub<V>(r3, carry); r4 = add<V>(r4, carry);
  carry = carryOf<V>(r6, 6); r6 = sub<V>(r6, carry); r7 = add<V>(r7, carry);
  carry = carryOf<V>(r9, 9); r9 = sub<V>(r9, carry); r10 = add<V>(r10, carry);
  carry = carryOf<V>(r0, 0); r0 = sub<V>(r0, carry); r1 = add<V>(r1, carry);
  store<V>(to, r0, 0); store<V>(to, r1, 16); store<V>(to, r2, 32); store<V>(to, r3, 48);
  store<V>(to, r4, 64); store<V>(to, r5, 80); store<V>(to, r6, 96); store<V>(to, r7, 112);
  store<V>(to, r8, 128); store<V>(to, r9, 144); store<V>(to, r10, 160); store<V>(to, r11, 176);
}

/** Six columns at a time, three rows a turn: what a turn holds fits the 15 registers that x64 leaves. */
function multiplyLanes<V>(to: usize, a: usize, b: usize): void {
  store<V>(window, load<V>(b), 176);
  for (let limb: usize = 0; limb < 176; limb += 16) {
    const value = load<V>(b + limb, 16);
    store<V>(window + limb, value, 192);
    store<V>(window + limb, mul<V>(value, load<V>(wrap)));
  }
  for (let column: usize = 0; column < 192; column += 96) {
    let from = window + column;
    let r0 = splat<V>(0);
    let r1 = splat<V>(0);
    let r2 = splat<V>(0);
    let r3 = splat<V>(0);
    let r4 = splat<V>(0);
    let r5 = splat<V>(0);
    for (let row: usize = 0; row < 192; row += 48) {
      const a0 = load<V>(a + row);
      const a1 = load<V>(a + row, 16);
      const a2 = load<V>(a + row, 32);
      const b0 = load<V>(from - row, 144);
      const b1 = load<V>(from - row, 160);
      const b2 = load<V>(from - row, 176);
      const b3 = load<V>(from - row, 192);
      const b4 = load<V>(from - row, 208);
      const b5 = load<V>(from - row, 224);
      const b6 = load<V>(from - row, 240);
      const b7 = load<V>(from - row, 256);
      r0 = addMul<V>(addMul<V>(addMul<V>(r0, a0, b2), a1, b1), a2, b0);
      r1 = addMul<V>(addMul<V>(addMul<V>(r1, a0, b3), a1, b2), a2, b1);
      r2 = addMul<V>(addMul<V>(addMul<V>(r2, a0, b4), a1, b3), a2, b2);
      r3 = addMul<V>(addMul<V>(addMul<V>(r3, a0, b5), a1, b4), a2, b3);
      r4 = addMul<V>(addMul<V>(addMul<V>(r4, a0, b6), a1, b5), a2, b4);
      r5 = addMul<V>(addMul<V>(addMul<V>(r5, a0, b7), a1, b6), a2, b5);
    }
    store<V>(columns + column, r0);
    store<V>(columns + column, r1, 16);
    store<V>(columns + column, r2, 32);
    store<V>(columns + column, r3, 48);
    store<V>(columns + column, r4, 64);
    store<V>(columns + column, r5, 80);
  }
  carryColumns<V>(to);
}

/** Sum of six products, by pairs: a chain of additions would be waited for. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function six<V>(a0: V, b0: V, a1: V, b1: V, a2: V, b2: V, a3: V, b3: V, a4: V, b4: V, a5: V, b5: V): V {
  const first = addMul<V>(mul<V>(a0, b0), a1, b1);
  const second = addMul<V>(mul<V>(a2, b2), a3, b3);
  return add<V>(add<V>(first, second), addMul<V>(mul<V>(a4, b4), a5, b5));
}

/** As a product with itself, each mixed product once, of one factor doubled. */
function squareLanes<V>(to: usize, a: usize): void {
  const scale = load<V>(wrap);
  const a0 = load<V>(a, 0); const a1 = load<V>(a, 16); const a2 = load<V>(a, 32); const a3 = load<V>(a, 48);
  const a4 = load<V>(a, 64); const a5 = load<V>(a, 80); const a6 = load<V>(a, 96); const a7 = load<V>(a, 112);
  const a8 = load<V>(a, 128); const a9 = load<V>(a, 144); const a10 = load<V>(a, 160); const a11 = load<V>(a, 176);
  const w6 = mul<V>(a6, scale); const w7 = mul<V>(a7, scale); const w8 = mul<V>(a8, scale);
  const w9 = mul<V>(a9, scale); const w10 = mul<V>(a10, scale); const w11 = mul<V>(a11, scale);
  const d0 = add<V>(a0, a0); const d1 = add<V>(a1, a1); const d2 = add<V>(a2, a2); const d3 = add<V>(a3, a3);
  const d4 = add<V>(a4, a4); const d5 = add<V>(a5, a5); const d6 = add<V>(a6, a6); const d7 = add<V>(a7, a7);
  const d8 = add<V>(a8, a8); const d9 = add<V>(a9, a9); const d10 = add<V>(a10, a10);
  store<V>(columns, addMul<V>(six<V>(d1, w11, d2, w10, d3, w9, d4, w8, d5, w7, a0, a0), a6, w6), 0);
  store<V>(columns, six<V>(d0, a1, d2, w11, d3, w10, d4, w9, d5, w8, d6, w7), 16);
  store<V>(columns, addMul<V>(six<V>(d0, a2, d3, w11, d4, w10, d5, w9, d6, w8, a1, a1), a7, w7), 32);
  store<V>(columns, six<V>(d0, a3, d1, a2, d4, w11, d5, w10, d6, w9, d7, w8), 48);
  store<V>(columns, addMul<V>(six<V>(d0, a4, d1, a3, d5, w11, d6, w10, d7, w9, a2, a2), a8, w8), 64);
  store<V>(columns, six<V>(d0, a5, d1, a4, d2, a3, d6, w11, d7, w10, d8, w9), 80);
  store<V>(columns, addMul<V>(six<V>(d0, a6, d1, a5, d2, a4, d7, w11, d8, w10, a3, a3), a9, w9), 96);
  store<V>(columns, six<V>(d0, a7, d1, a6, d2, a5, d3, a4, d8, w11, d9, w10), 112);
  store<V>(columns, addMul<V>(six<V>(d0, a8, d1, a7, d2, a6, d3, a5, d9, w11, a4, a4), a10, w10), 128);
  store<V>(columns, six<V>(d0, a9, d1, a8, d2, a7, d3, a6, d4, a5, d10, w11), 144);
  store<V>(columns, addMul<V>(six<V>(d0, a10, d1, a9, d2, a8, d3, a7, d4, a6, a5, a5), a11, w11), 160);
  store<V>(columns, six<V>(d0, a11, d1, a10, d2, a9, d3, a8, d4, a7, d5, a6), 176);
  carryColumns<V>(to);
}

/** to = a * b. Operands: at most 15 units between them. Result: 1 unit. `to` may be one of the operands. */
export function multiply(to: usize, a: usize, b: usize): void {
  if (ASC_FEATURE_SIMD) multiplyLanes<v128>(to, a, b);
  else {
    multiplyLanes<f64>(to, a, b);
    multiplyLanes<f64>(to + 8, a + 8, b + 8);
  }
}

/** to = a^2. Operand: at most 3.8 units. Result: 1 unit. `to` may be `a`. */
export function square(to: usize, a: usize): void {
  if (ASC_FEATURE_SIMD) squareLanes<v128>(to, a);
  else {
    squareLanes<f64>(to, a);
    squareLanes<f64>(to + 8, a + 8);
  }
}

/** to = a^(2^times), `times` at least 1. */
export function squareTimes(to: usize, a: usize, times: u32): void {
  square(to, a);
  while (--times > 0) square(to, to);
}

/** to = a - b. The units add up. */
export function subtract(to: usize, a: usize, b: usize): void {
  for (let limb: usize = 0; limb < pairBytes; limb += 8) {
    store<f64>(to + limb, load<f64>(a + limb) - load<f64>(b + limb));
  }
}

/** to = a + b. The units add up. */
export function sum(to: usize, a: usize, b: usize): void {
  for (let limb: usize = 0; limb < pairBytes; limb += 8) {
    store<f64>(to + limb, load<f64>(a + limb) + load<f64>(b + limb));
  }
}
