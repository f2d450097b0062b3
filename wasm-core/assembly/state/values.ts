// Leaves and their values. A value of 1 byte to 64 KiB lies in its leaf's record and in as many more as it needs.

import { freeRecord, supersede, takeRecord } from "./pool";
import { leafLength, leafNext, leafValue, leafValueBytes, pieceValue, pieceValueBytes } from "./records";

export const valueBytesMax: u32 = 65536;

/** A record of a leaf with a copy of the value, its key still to be written; 0 when memory is out. */
export function takeLeaf(value: usize, length: u32): usize {
  const leaf = takeRecord();
  if (leaf == 0) return 0;
  store<u32>(leaf, length, leafLength);
  store<u32>(leaf, 0, leafNext);
  let taken = min<u32>(length, leafValueBytes);
  copyBytes(leaf + leafValue, value, taken);
  let link = leaf + leafNext;
  while (taken < length) {
    const piece = takeRecord();
    if (piece == 0) {
      freeLeaf(leaf);
      return 0;
    }
    const size = min<u32>(length - taken, pieceValueBytes);
    copyBytes(piece + pieceValue, value + taken, size);
    store<u32>(piece, 0);
    store<u32>(link, piece);
    link = piece;
    taken += size;
  }
  return leaf;
}

export function freeLeaf(leaf: usize): void {
  let piece: usize = load<u32>(leaf, leafNext);
  while (piece != 0) {
    const next = load<u32>(piece);
    freeRecord(piece);
    piece = next;
  }
  freeRecord(leaf);
}

/** Notes a leaf with its pieces as superseded. False when memory is out. */
export function supersedeLeaf(leaf: usize): bool {
  for (let piece: usize = load<u32>(leaf, leafNext); piece != 0; piece = load<u32>(piece)) {
    if (!supersede(piece)) return false;
  }
  return supersede(leaf);
}

export function valuesEqual(a: usize, b: usize): bool {
  const length = load<u32>(a, leafLength);
  if (load<u32>(b, leafLength) != length) return false;
  let compared = min<u32>(length, leafValueBytes);
  if (memory.compare(a + leafValue, b + leafValue, compared) != 0) return false;
  a = load<u32>(a, leafNext);
  b = load<u32>(b, leafNext);
  while (compared < length) {
    const size = min<u32>(length - compared, pieceValueBytes);
    if (memory.compare(a + pieceValue, b + pieceValue, size) != 0) return false;
    compared += size;
    a = load<u32>(a);
    b = load<u32>(b);
  }
  return true;
}

/** Copies a leaf's value to one place. */
export function gatherValue(leaf: usize, to: usize): void {
  const length = load<u32>(leaf, leafLength);
  let copied = min<u32>(length, leafValueBytes);
  copyBytes(to, leaf + leafValue, copied);
  let piece: usize = load<u32>(leaf, leafNext);
  while (copied < length) {
    const size = min<u32>(length - copied, pieceValueBytes);
    copyBytes(to + copied, piece + pieceValue, size);
    copied += size;
    piece = load<u32>(piece);
  }
}

/** For short copies: engines answer `memory.copy` with a call out of the module. */
function copyBytes(to: usize, from: usize, length: u32): void {
  for (; length >= 8; length -= 8) {
    store<u64>(to, load<u64>(from));
    to += 8;
    from += 8;
  }
  for (; length > 0; length--) {
    store<u8>(to, load<u8>(from));
    to++;
    from++;
  }
}
