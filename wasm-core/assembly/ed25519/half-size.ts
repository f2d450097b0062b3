// Scalars of half size: for k modulo L, c and d with c * k = d (mod L), 0 < c < 2^126 and |d| < 2^127. With them the check of a
// signature takes 127 doublings instead of 253 (Antipa et al., "Accelerated Verification of ECDSA Signatures"; Pornin,
// "Optimized Lattice Basis Reduction In Dimension 2, and Fast Schnorr and EdDSA Signature Verification"). Variable time.
//
// Euclid's algorithm on r = L and s = k, each with the factor of k that it is: r = -t * k and s = u * k (mod L), or the other
// way about, where t = 0 and u = 1 at first. A step takes s << n from r and adds u << n to t, for an n with s << n <= r.
// r * u + s * t = L holds throughout, so that at the first s < 2^127 <= r: u <= L / r < 2^126.

import { L0, L1, L3 } from "./scalar";

/** Writes |c| to `c` and |d| to `d`, 16 bytes each, from k, 32 bytes less than L. Returns 1 when d is to be taken negative, else 0. */
export function halfSize(k: usize, c: usize, d: usize): u32 {
  let r0 = L0;
  let r1 = L1;
  let r2: u64 = 0;
  let r3 = L3;
  let s0 = load<u64>(k, 0);
  let s1 = load<u64>(k, 8);
  let s2 = load<u64>(k, 16);
  let s3 = load<u64>(k, 24);
  let t0: u64 = 0;
  let t1: u64 = 0;
  let u0: u64 = 1;
  let u1: u64 = 0;
  let negative: u32 = 0;
  // r > s >= 2^127 at every turn. A step leaves at most r / 2 of r, or 2^-63 of r more (see `shift`): two steps take a bit at
  // least from the 506 of r and s, and 254 are left at the end, so there are never more than 504 steps; 110 are usual.
  while ((s3 | s2) != 0 || <i64>s1 < 0) {
    const rBits = bitLength(r1, r2, r3);
    const sBits = bitLength(s1, s2, s3);
    let shift = rBits - sBits;
    // Where their highest 64 bits do not say that s << shift is less than r, take one bit less: that is surely less than r, and
    // at least r / 2 in those 64 bits. Without a shift r > s says enough.
    if (shift > 0 && top(s0, s1, s2, s3, sBits) >= top(r0, r1, r2, r3, rBits)) shift--;
    let a0 = s0;
    let a1 = s1;
    let a2 = s2;
    let a3 = s3;
    let b0 = u0;
    let b1 = u1;
    if (shift >= 64) {
      a3 = a2;
      a2 = a1;
      a1 = a0;
      a0 = 0;
      b1 = b0;
      b0 = 0;
      shift -= 64;
    }
    if (shift > 0) {
      const left = <u64>shift;
      const right = 64 - left;
      a3 = (a3 << left) | (a2 >>> right);
      a2 = (a2 << left) | (a1 >>> right);
      a1 = (a1 << left) | (a0 >>> right);
      a0 <<= left;
      b1 = (b1 << left) | (b0 >>> right);
      b0 <<= left;
    }
    let borrow = u64(r0 < a0);
    r0 -= a0;
    let next = u64(r1 < a1) | (u64(r1 == a1) & borrow);
    r1 -= a1 + borrow;
    borrow = next;
    next = u64(r2 < a2) | (u64(r2 == a2) & borrow);
    r2 -= a2 + borrow;
    r3 -= a3 + next;
    t0 += b0;
    t1 += b1 + u64(t0 < b0);
    const less = r3 != s3 ? r3 < s3 : r2 != s2 ? r2 < s2 : r1 != s1 ? r1 < s1 : r0 < s0;
    if (less) {
      a0 = r0;
      a1 = r1;
      a2 = r2;
      a3 = r3;
      r0 = s0;
      r1 = s1;
      r2 = s2;
      r3 = s3;
      s0 = a0;
      s1 = a1;
      s2 = a2;
      s3 = a3;
      b0 = t0;
      b1 = t1;
      t0 = u0;
      t1 = u1;
      u0 = b0;
      u1 = b1;
      negative ^= 1;
    }
  }
  store<u64>(c, u0, 0);
  store<u64>(c, u1, 8);
  store<u64>(d, s0, 0);
  store<u64>(d, s1, 8);
  return negative;
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function bitLength(w1: u64, w2: u64, w3: u64): i32 {
  const w = w3 != 0 ? w3 : w2 != 0 ? w2 : w1;
  return (w3 != 0 ? 256 : w2 != 0 ? 192 : 128) - <i32>clz<u64>(w);
}

/** The highest 64 bits of a number that has `bits` of them, 65 to 256. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function top(w0: u64, w1: u64, w2: u64, w3: u64, bits: i32): u64 {
  const high = bits > 192 ? w3 : bits > 128 ? w2 : w1;
  const low = bits > 192 ? w2 : bits > 128 ? w1 : w0;
  const unused = <u64>(-bits & 63);
  return (high << unused) | ((low >>> 1) >>> (63 - unused));
}
