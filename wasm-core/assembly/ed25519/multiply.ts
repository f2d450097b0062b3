// Sums of multiples of points, compared with the neutral element after multiplication by the cofactor 8 (ZIP-215): one doubling a
// position for all scalars (Straus, 1964), additions from tables of odd multiples. In variable time: all scalars are public.
// A scalar of the base point is split in two of 128 bits over tables of B and of 2^128 B.

import { writeDigits } from "./digits";
import { baseMultiples, baseTables, digitsStart, pointBytes, pointMultiples, pointTables, pointsMax, streamsMax } from "./memory";
import { addCached, doublePoint, isIdentity, oddMultiples, setIdentity } from "./point";
import { prepare } from "./tables";

const baseWidth: u32 = 8;
const pointWidth: u32 = 5;
/** Digits of a scalar below 2^128 at most. */
const shortDigits: u32 = 129;

const sum: usize = memory.data(384, 16);
/** Digits of one position: the number of scalars, made a multiple of 4. */
let stride: u32 = 0;
/** Positions that hold a digit. */
let positions: u32 = 0;

function begin(scalars: u32, digits: u32): void {
  prepare();
  stride = (scalars + 3) & ~3;
  positions = 0;
  memory.fill(digitsStart(), 0, digits * stride);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function addScalar(stream: u32, scalar: usize, bytes: u32, width: u32, negative: bool): void {
  positions = max<u32>(positions, writeDigits(digitsStart() + stream, stride, scalar, bytes, width, negative));
}

/** Streams 0 and 1. */
function addBaseScalar(u: usize): void {
  addScalar(0, u, 16, baseWidth, false);
  addScalar(1, u + 16, 16, baseWidth, false);
}

/** Where the table of a stream begins: those of the base point are longer. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function tableOf(stream: u32): usize {
  if (stream < 2) return baseTables() + <usize>(stream * baseMultiples) * pointBytes;
  return pointTables() + <usize>((stream - 2) * pointMultiples) * pointBytes;
}

/** Adds up all digits' multiples, from the highest position down. True when 8 times the sum is neutral. */
function sumIsSmall(): bool {
  setIdentity(sum);
  let row = digitsStart() + positions * stride;
  for (let position = positions; position > 0; position--) {
    row -= stride;
    if (position < positions) doublePoint(sum);
    for (let four: u32 = 0; four < stride; four += 4) {
      let digits = load<u32>(row + four);
      for (let stream = four; digits != 0; stream++) {
        const digit = <i32>(<i8>digits);
        digits >>>= 8;
        if (digit == 0) continue;
        addCached(sum, tableOf(stream) + <usize>(abs(digit) >>> 1) * pointBytes, digit < 0);
      }
    }
  }
  doublePoint(sum);
  doublePoint(sum);
  doublePoint(sum);
  return isIdentity(sum);
}

/**
 * True when [8](u B + a (-A) + r (-R)) is the neutral element. u: 32 bytes, below L; a and r: 16 bytes of magnitude, then a u32
 * that is 1 when negative; minusA and minusR: decoded points.
 */
export function checkSingle(u: usize, a: usize, minusA: usize, r: usize, minusR: usize): bool {
  begin(4, shortDigits);
  addBaseScalar(u);
  addScalar(2, a, 16, pointWidth, load<u32>(a, 16) != 0);
  addScalar(3, r, 16, pointWidth, load<u32>(r, 16) != 0);
  oddMultiples(tableOf(2), minusA, pointMultiples);
  oddMultiples(tableOf(3), minusR, pointMultiples);
  return sumIsSmall();
}

/**
 * True when [8](u B + sum of scalar i times point i) is the neutral element. u: 32 bytes, below L; points: `count` decoded points;
 * scalars: 32 bytes each, below 2^253, the first `short` of them below 2^128. False when `count` is beyond `pointsMax`.
 */
export function checkMany(u: usize, points: usize, scalars: usize, count: u32, short: u32): bool {
  if (count > pointsMax) return false;
  begin(2 + count, short < count ? 257 : shortDigits);
  addBaseScalar(u);
  for (let i: u32 = 0; i < count; i++) {
    addScalar(2 + i, scalars + i * 32, i < short ? 16 : 32, pointWidth, false);
    oddMultiples(tableOf(2 + i), points + <usize>i * pointBytes, pointMultiples);
  }
  return sumIsSmall();
}
