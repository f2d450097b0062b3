// Memory of the module above its static data, from the bottom: tables of the base point, tables and digits of a multi-scalar
// multiplication, decoded points, and the input region. All sizes are fixed; the module has 1.5 MiB at most.

/** Signatures of one batch at most. */
export const batchMax: u32 = 128;
/** Points of one multi-scalar multiplication at most, the base point apart. */
export const pointsMax: u32 = 2 * batchMax;
/** Bytes of a point: two pairs of field elements, see point.ts. */
export const pointBytes: usize = 384;

/** Odd multiples in a table of the base point: digits of 8 bits. */
export const baseMultiples: u32 = 64;
/** Odd multiples in a table of any other point: digits of 5 bits. */
export const pointMultiples: u32 = 8;
/** Digits of a scalar below 2^256. */
export const digitsMax: u32 = 257;
/** Scalars of one multiplication: the base point takes two. A multiple of 4. */
export const streamsMax: u32 = pointsMax + 4;

/** A key, a signature and a piece of message, or a batch's random bytes. */
export const inputBytesMax: u32 = 65536 + 96;
/** A verdict for each signature of a batch. */
const output: usize = memory.data(batchMax, 16);

// @ts-ignore: a decorator of AssemblyScript
@inline
const baseTablesBytes: usize = <usize>(2 * baseMultiples) * pointBytes;
// @ts-ignore: a decorator of AssemblyScript
@inline
const pointTablesBytes: usize = <usize>(pointsMax * pointMultiples) * pointBytes;
// @ts-ignore: a decorator of AssemblyScript
@inline
const digitsBytes: usize = ((digitsMax * streamsMax) + 15) & ~15;

/** Table of B's odd multiples; that of 2^128 B follows it. */
export function baseTables(): usize {
  return (__heap_base + 15) & ~15;
}

/** Table of the first point of a multiplication; those of the others follow. */
export function pointTables(): usize {
  return baseTables() + baseTablesBytes;
}

/** Digits of a multiplication, those of one position together. */
export function digitsStart(): usize {
  return pointTables() + pointTablesBytes;
}

/** Room for `pointsMax` decoded points, for the caller of a multiplication. */
export function pointsStart(): usize {
  return digitsStart() + digitsBytes;
}

function inputStart(): usize {
  return pointsStart() + <usize>pointsMax * pointBytes;
}

/** Where the caller writes a call's input, or 0 when `length` is beyond the bound. */
export function reserveInput(length: u32): usize {
  if (length > inputBytesMax) return 0;
  const start = inputStart();
  const pages = <i32>((start + length + 0xffff) >>> 16);
  const have = memory.size();
  if (pages > have && memory.grow(pages - have) < 0) return 0;
  return start;
}

/** Where the caller reads a call's answer. */
export function outputStart(): usize {
  return output;
}
