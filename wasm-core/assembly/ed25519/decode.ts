// Decoding of points under ZIP-215 (RFC 8032, section 5.1.3, without its checks): y may be p or more, and x = 0 may carry a sign.
// Two at a time, side by side. In variable time: encodings are public.

import { curveD, one, rootOfMinusOne } from "./constants";
import { copyElement, fromBytes, isZero, signOf } from "./encoding";
import { multiply, pairBytes, square, squareTimes, subtract, sum } from "./field";
import { pointBytes } from "./memory";
import { prepare } from "./tables";

const y: usize = memory.data(192, 16);
const u: usize = memory.data(192, 16);
const v: usize = memory.data(192, 16);
const x: usize = memory.data(192, 16);
/** x times the root of -1. */
const turned: usize = memory.data(192, 16);
const check: usize = memory.data(192, 16);
const t0: usize = memory.data(192, 16);
const t1: usize = memory.data(192, 16);
const t2: usize = memory.data(192, 16);

/** to = z^((p - 5) / 8) = z^(2^252 - 3), in 251 squarings and 11 multiplications. `z` and `to` lie outside the scratch here. */
function power(to: usize, z: usize): void {
  square(t0, z);
  squareTimes(t1, t0, 2);
  multiply(t1, t1, z);
  multiply(t0, t0, t1);
  square(t0, t0);
  multiply(t0, t0, t1); // 2^5 - 1
  squareTimes(t1, t0, 5);
  multiply(t0, t1, t0); // 2^10 - 1
  squareTimes(t1, t0, 10);
  multiply(t1, t1, t0); // 2^20 - 1
  squareTimes(t2, t1, 20);
  multiply(t1, t2, t1); // 2^40 - 1
  squareTimes(t1, t1, 10);
  multiply(t0, t1, t0); // 2^50 - 1
  squareTimes(t1, t0, 50);
  multiply(t1, t1, t0); // 2^100 - 1
  squareTimes(t2, t1, 100);
  multiply(t1, t2, t1); // 2^200 - 1
  squareTimes(t1, t1, 50);
  multiply(t0, t1, t0); // 2^250 - 1
  squareTimes(t0, t0, 2);
  multiply(to, t0, z);
}

/** Candidates for x in both lanes, and v x^2 in `check`. */
function findRoots(): void {
  square(u, y);
  multiply(v, u, curveD);
  subtract(u, u, one);
  sum(v, v, one);
  // x = u v^3 (u v^7)^((p - 5) / 8)
  square(check, v);
  multiply(check, check, v);
  multiply(x, check, u); // u v^3
  square(check, check);
  multiply(check, check, v);
  multiply(check, check, u); // u v^7
  power(turned, check);
  multiply(x, x, turned);
  multiply(turned, x, rootOfMinusOne);
  square(check, x);
  multiply(check, check, v);
}

/** Chooses the root of one lane (0 or 8), with the other sign than the encoding asks for. False: there is none. */
function chooseRoot(lane: usize, sign: u32): bool {
  subtract(t0, check, u);
  if (!isZero(t0 + lane)) {
    sum(t0, check, u);
    if (!isZero(t0 + lane)) return false;
    copyElement(x + lane, turned + lane, false);
  }
  copyElement(x + lane, x + lane, signOf(x + lane) == sign);
  return true;
}

/** Writes the point (x, y) of one lane, with t1 as x y. */
function writePoint(to: usize, lane: usize): void {
  copyElement(to, x + lane, false);
  copyElement(to + 8, y + lane, false);
  copyElement(to + pairBytes, t1 + lane, false);
  copyElement(to + pairBytes + 8, one, false);
}

/**
 * Decodes `count` encodings of 32 bytes and negates the points. `list` holds a u32 pointer to each encoding; point i goes to
 * `to` + i * pointBytes. Returns `count`, or the index of the first that encodes no point of the curve.
 */
export function decodeNegated(list: usize, count: u32, to: usize): u32 {
  prepare();
  for (let i: u32 = 0; i < count; i += 2) {
    const one = <usize>load<u32>(list + i * 4);
    const other = i + 1 < count ? <usize>load<u32>(list + i * 4, 4) : one;
    fromBytes(y, one);
    fromBytes(y + 8, other);
    findRoots();
    if (!chooseRoot(0, load<u8>(one, 31) >>> 7)) return i;
    const pair = chooseRoot(8, load<u8>(other, 31) >>> 7);
    multiply(t1, x, y);
    writePoint(to, 0);
    if (i + 1 < count) {
      if (!pair) return i + 1;
      writePoint(to + pointBytes, 8);
    }
    to += 2 * pointBytes;
  }
  return count;
}
