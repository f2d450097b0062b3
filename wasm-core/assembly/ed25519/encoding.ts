// Field elements as 32 bytes, little endian (RFC 8032, section 5.1.2), to and from one lane of a pair. An element's address is
// that of its limb 0: the pair's, or 8 more for lane 1.

import { pairBytes } from "./field";

/** The encoding read last, with a zero byte after it for the loads of limb 11. */
const padded: usize = memory.data(40, 8);
/** The limbs of `canonical` as integers. */
const limbs: usize = memory.data(96, 8);
/** The answer of `canonical`. */
const words: usize = memory.data(32, 8);

/** ceil(21.25 k): the power of two that limb k counts in. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function exponentOf(k: u32): u32 {
  return (85 * k + 3) >>> 2;
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function powerOfTwo(exponent: i32): f64 {
  return reinterpret<f64>(<u64>(1023 + exponent) << 52);
}

/** Reads the low 255 bits of 32 bytes: any value, also one not below p. Result: 1 unit. */
export function fromBytes(to: usize, bytes: usize): void {
  memory.copy(padded, bytes, 32);
  let carry: i32 = 0;
  for (let k: u32 = 0; k < 12; k++) {
    const exponent = exponentOf(k);
    const width = exponentOf(k + 1) - exponent;
    let limb = <i32>((load<u32>(padded + (exponent >>> 3)) >>> (exponent & 7)) & ((1 << width) - 1)) + carry;
    // The upper half of a limb's range becomes negative, so that limbs have the bound that products have.
    carry = (limb + (1 << (width - 1))) >> width;
    limb -= carry << width;
    store<f64>(to + k * 16, <f64>limb * powerOfTwo(exponent));
  }
  // 2^255 is 19. Limb 0 grows by at most 19, of 2^21.
  store<f64>(to, load<f64>(to) + <f64>(19 * carry));
}

/** The element as four words of 64 bits, below p. Operand: at most 2^20 units. Lies in `words` until the next call. */
function canonical(from: usize): void {
  for (let k: u32 = 0; k < 12; k++) {
    store<i64>(limbs + k * 8, <i64>(load<f64>(from + k * 16) * powerOfTwo(-<i32>exponentOf(k))));
  }
  // After the first turn the value is within 2^25 of the range from 0 to 2^255, after the second inside it; limb 0 may then still be
  // beyond its width, which the additions below carry on.
  for (let turn = 0; turn < 2; turn++) {
    let carry: i64 = 0;
    for (let k: u32 = 0; k < 12; k++) {
      const width = exponentOf(k + 1) - exponentOf(k);
      const limb = load<i64>(limbs + k * 8) + carry;
      carry = limb >> width;
      store<i64>(limbs + k * 8, limb - (carry << width));
    }
    store<i64>(limbs, load<i64>(limbs) + 19 * carry);
  }
  // Adding 19 reaches bit 255 when the value is p or more; what is then left below that bit is the value less p.
  let reduce: i64 = 19;
  for (let k: u32 = 0; k < 12; k++) reduce = (load<i64>(limbs + k * 8) + reduce) >> (exponentOf(k + 1) - exponentOf(k));
  let carry: i64 = 19 * reduce;
  memory.fill(words, 0, 32);
  for (let k: u32 = 0; k < 12; k++) {
    const exponent = exponentOf(k);
    const width = exponentOf(k + 1) - exponent;
    const limb = load<i64>(limbs + k * 8) + carry;
    carry = limb >> width;
    const bits = <u64>(limb - (carry << width));
    const word = words + (exponent >>> 6) * 8;
    const shift = exponent & 63;
    store<u64>(word, load<u64>(word) | (bits << shift));
    if (shift + width > 64) store<u64>(word, bits >>> (64 - shift), 8);
  }
}

/** True when the element is 0 modulo p. */
export function isZero(from: usize): bool {
  canonical(from);
  return (load<u64>(words) | load<u64>(words, 8) | load<u64>(words, 16) | load<u64>(words, 24)) == 0;
}

/** Lowest bit of the element below p: the "sign" of RFC 8032. */
export function signOf(from: usize): u32 {
  canonical(from);
  return load<u8>(words) & 1;
}

/** Copies an element, negated when `negate`. */
export function copyElement(to: usize, from: usize, negate: bool): void {
  const factor: f64 = negate ? -1 : 1;
  for (let limb: usize = 0; limb < pairBytes; limb += 16) store<f64>(to + limb, factor * load<f64>(from + limb));
}
