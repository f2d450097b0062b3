// Points of edwards25519 in extended coordinates (Hisil, Wong, Carter, Dawson: "Twisted Edwards Curves Revisited", 2008, sections
// 3.1 and 3.3; a = -1), laid out for pairs: a point is (X, Y) and (T, Z), with x = X / Z, y = Y / Z, T = X Y / Z.
// A cached point is (Y - X, Y + X) and (2d T, 2 Z): what additions need of their second operand. All in variable time.
// Coordinates of points: 1 unit; of cached points: 2 and 1 units (units: see field.ts).

import { cachedFactors } from "./constants";
import { isZero } from "./encoding";
import { multiply, pairBytes, square } from "./field";
import { pointBytes } from "./memory";

const first: usize = memory.data(192, 16);
const second: usize = memory.data(192, 16);
/** Operands of the last multiplications: (E, G) times (F, H) is (X, Y), (E, F) times (H, G) is (T, Z). */
const pairEG: usize = memory.data(192, 16);
const pairFH: usize = memory.data(192, 16);
const pairEF: usize = memory.data(192, 16);
const pairHG: usize = memory.data(192, 16);

/** The neutral element (0, 1). */
export function setIdentity(point: usize): void {
  memory.fill(point, 0, pointBytes);
  store<f64>(point, 1, 8);
  store<f64>(point + pairBytes, 1, 8);
}

/** True when the point is the neutral one: X = 0 and Y = Z. All zeros are no point, and then the answer is false. */
export function isIdentity(point: usize): bool {
  if (!isZero(point) || isZero(point + 8)) return false;
  for (let limb: usize = 0; limb < pairBytes; limb += 16) {
    store<f64>(first + limb, load<f64>(point + limb, 8) - load<f64>(point + pairBytes + limb, 8));
  }
  return isZero(first);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function finish(point: usize): void {
  multiply(point, pairEG, pairFH);
  multiply(point + pairBytes, pairEF, pairHG);
}

/** Doubles a point. Operands of multiplications have up to 3 and 4 units. */
export function doublePoint(point: usize): void {
  const end = pairBytes;
  for (let i: usize = 0; i < end; i += 16) {
    if (ASC_FEATURE_SIMD) {
      const xy = v128.load(point + i);
      const sum = f64x2.add(xy, v128.shuffle<f64>(xy, xy, 1, 0));
      v128.store(first + i, v128.shuffle<f64>(sum, v128.load(point + pairBytes + i), 0, 3));
    } else {
      store<f64>(first + i, load<f64>(point + i) + load<f64>(point + i, 8));
      store<f64>(first + i, load<f64>(point + pairBytes + i, 8), 8);
    }
  }
  square(first, first); // (X + Y)^2, Z^2
  square(second, point); // X^2, Y^2
  for (let i: usize = 0; i < end; i += 16) {
    // H = X^2 + Y^2, G = X^2 - Y^2, E = H - (X + Y)^2, F = G + 2 Z^2: all four of the source's with the sign reversed.
    if (ASC_FEATURE_SIMD) {
      const squares = v128.load(second + i);
      const hg = f64x2.add(v128.shuffle<f64>(squares, squares, 1, 0), f64x2.mul(squares, f64x2(1, -1)));
      const ef = f64x2.add(hg, f64x2.mul(v128.load(first + i), f64x2(-1, 2)));
      v128.store(pairEG + i, v128.shuffle<f64>(ef, hg, 0, 3));
      v128.store(pairFH + i, v128.shuffle<f64>(ef, hg, 1, 2));
      v128.store(pairEF + i, ef);
      v128.store(pairHG + i, hg);
    } else {
      const xx = load<f64>(second + i);
      const yy = load<f64>(second + i, 8);
      const h = xx + yy;
      const g = xx - yy;
      storeFour(i, h - load<f64>(first + i), g + 2 * load<f64>(first + i, 8), g, h);
    }
  }
  finish(point);
}

/** Adds a cached point, or takes it away when `negative`. Operands of multiplications have up to 2 units each. */
export function addCached(point: usize, cached: usize, negative: bool): void {
  const end = pairBytes;
  const sign: f64 = negative ? -1 : 1;
  // Taking away exchanges Y - X with Y + X and D - C with D + C, and E changes its sign.
  const signs = ASC_FEATURE_SIMD ? f64x2.replace_lane(f64x2.splat(sign), 0, -sign) : 0;
  const signE = ASC_FEATURE_SIMD ? f64x2.replace_lane(f64x2.splat(1), 0, sign) : 0;
  const signMinusE = ASC_FEATURE_SIMD ? f64x2.replace_lane(f64x2.splat(1), 0, -sign) : 0;
  for (let i: usize = 0; i < end; i += 16) {
    if (ASC_FEATURE_SIMD) {
      const xy = v128.load(point + i);
      const signed = f64x2.mul(v128.shuffle<f64>(xy, xy, 0, 0), signs);
      v128.store(first + i, f64x2.add(v128.shuffle<f64>(xy, xy, 1, 1), signed));
    } else {
      const x = sign * load<f64>(point + i);
      const y = load<f64>(point + i, 8);
      store<f64>(first + i, y - x);
      store<f64>(first + i, y + x, 8);
    }
  }
  multiply(first, first, cached); // A, B
  multiply(second, point + pairBytes, cached + pairBytes); // C, D
  for (let i: usize = 0; i < end; i += 16) {
    // E = B - A, H = B + A, F = D - C, G = D + C.
    if (ASC_FEATURE_SIMD) {
      const ab = v128.load(first + i);
      const cd = v128.load(second + i);
      const eh = f64x2.add(f64x2.mul(v128.shuffle<f64>(ab, ab, 1, 0), signE), f64x2.mul(ab, signMinusE));
      const fg = f64x2.add(v128.shuffle<f64>(cd, cd, 1, 1), f64x2.mul(v128.shuffle<f64>(cd, cd, 0, 0), signs));
      v128.store(pairEG + i, v128.shuffle<f64>(eh, fg, 0, 3));
      v128.store(pairFH + i, v128.shuffle<f64>(fg, eh, 0, 3));
      v128.store(pairEF + i, v128.shuffle<f64>(eh, fg, 0, 2));
      v128.store(pairHG + i, v128.shuffle<f64>(eh, fg, 1, 3));
    } else {
      const a = load<f64>(first + i);
      const b = load<f64>(first + i, 8);
      const c = sign * load<f64>(second + i);
      const d = load<f64>(second + i, 8);
      storeFour(i, sign * (b - a), d - c, d + c, b + a);
    }
  }
  finish(point);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function storeFour(i: usize, e: f64, f: f64, g: f64, h: f64): void {
  store<f64>(pairEG + i, e);
  store<f64>(pairEG + i, g, 8);
  store<f64>(pairFH + i, f);
  store<f64>(pairFH + i, h, 8);
  store<f64>(pairEF + i, e);
  store<f64>(pairEF + i, f, 8);
  store<f64>(pairHG + i, h);
  store<f64>(pairHG + i, g, 8);
}

/** The point as a cached one. */
export function toCached(to: usize, point: usize): void {
  for (let i: usize = 0; i < pairBytes; i += 16) {
    const x = load<f64>(point + i);
    const y = load<f64>(point + i, 8);
    store<f64>(to + i, y - x);
    store<f64>(to + i, y + x, 8);
  }
  multiply(to + pairBytes, point + pairBytes, cachedFactors);
}

const stepped: usize = memory.data(384, 16);
const step: usize = memory.data(384, 16);

/** Cached forms of P, 3P, 5P, ... (`count` of them). */
export function oddMultiples(to: usize, point: usize, count: u32): void {
  memory.copy(stepped, point, pointBytes);
  doublePoint(stepped);
  toCached(step, stepped);
  memory.copy(stepped, point, pointBytes);
  toCached(to, stepped);
  while (--count > 0) {
    to += pointBytes;
    addCached(stepped, step, false);
    toCached(to, stepped);
  }
}
