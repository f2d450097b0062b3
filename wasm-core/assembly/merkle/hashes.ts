// The two hashes of RFC 6962 trees: leaf sha256(00 | x), inner node sha256(01 | l | r), one at a time and by lists.

import { compress, compressPrepared, stateBegin, stateDigest } from "../sha256/compress";
import { sha256Begin, sha256Byte, sha256Finish, sha256Update } from "../sha256/digest";
import { lanesDigests, reverseWords } from "../sha256/lane-words";
import { lanesBegin, lanesCompress, lanesCompressPrepared, lanesSchedule, storeLanes } from "../sha256/lanes";
import { lastByteRow, lastByteRowsMake } from "../sha256/prepared";

const state: usize = memory.data(32, 16);
const block: usize = memory.data(64, 16);

export function leafBegin(): void {
  sha256Begin();
  sha256Byte(0);
}

export function leafHash(from: usize, length: u32, to: usize): void {
  leafBegin();
  sha256Update(from, length);
  sha256Finish(to);
}

/** The target may be an input. */
export function innerHash(left: usize, right: usize, to: usize): void {
  lastByteRowsMake();
  stateBegin(state);
  store<u8>(block, 1);
  for (let i: usize = 0; i < 32; i += 8) store<u64>(block + i, load<u64>(left + i), 1);
  for (let i: usize = 0; i < 24; i += 8) store<u64>(block + i, load<u64>(right + i), 33);
  // Bytes 24 to 31 of the right hash, but the last: the one before them is written a second time.
  store<u64>(block, load<u64>(right, 23), 56);
  compress(state, block);
  compressPrepared(state, lastByteRow(load<u8>(right, 31)));
  stateDigest(state, to);
}

/** Bytes of an entry of an inner list: left, right and target as u32 pointers. */
export const innerEntryBytes: usize = 12;

/**
 * Inner nodes by a list of `count` entries {left u32, right u32, to u32}. No target may be an input of a later
 * entry. Four at a time where the module has SIMD.
 */
export function innerHashes(list: usize, count: u32): void {
  if (ASC_FEATURE_SIMD) {
    for (; count > 3; count -= 4) {
      innerFour(list, list + innerEntryBytes, list + innerEntryBytes * 2, list + innerEntryBytes * 3);
      list += innerEntryBytes * 4;
    }
    if (count > 1) {
      // A lane too many works out the last entry once more.
      const last = list + innerEntryBytes * (count - 1);
      innerFour(list, list + innerEntryBytes, last, last);
      return;
    }
  }
  for (; count > 0; count--) {
    innerHash(load<u32>(list), load<u32>(list, 4), load<u32>(list, 8));
    list += innerEntryBytes;
  }
}

/** One quarter of the first block of 01 | l | r, from the vectors that hold it. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function quarter0(entry: usize): v128 {
  const one = i8x16.splat(1);
  return i8x16.shuffle(v128.load(load<u32>(entry)), one, 2, 1, 0, 16, 6, 5, 4, 3, 10, 9, 8, 7, 14, 13, 12, 11);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function quarter1(entry: usize): v128 {
  return reverseWords(v128.load(load<u32>(entry), 15));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function quarter2(entry: usize): v128 {
  const left = v128.load(load<u32>(entry), 16);
  const right = v128.load(load<u32>(entry, 4));
  return i8x16.shuffle(left, right, 18, 17, 16, 15, 22, 21, 20, 19, 26, 25, 24, 23, 30, 29, 28, 27);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function quarter3(entry: usize): v128 {
  return reverseWords(v128.load(load<u32>(entry, 4), 15));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function lastRow(entry: usize): usize {
  return lastByteRow(load<u8>(load<u32>(entry, 4), 31));
}

function innerFour(e0: usize, e1: usize, e2: usize, e3: usize): void {
  lastByteRowsMake();
  lanesBegin();
  storeLanes(lanesSchedule, quarter0(e0), quarter0(e1), quarter0(e2), quarter0(e3));
  storeLanes(lanesSchedule + 64, quarter1(e0), quarter1(e1), quarter1(e2), quarter1(e3));
  storeLanes(lanesSchedule + 128, quarter2(e0), quarter2(e1), quarter2(e2), quarter2(e3));
  storeLanes(lanesSchedule + 192, quarter3(e0), quarter3(e1), quarter3(e2), quarter3(e3));
  lanesCompress();
  lanesCompressPrepared(lastRow(e0), lastRow(e1), lastRow(e2), lastRow(e3));
  lanesDigests(load<u32>(e0, 8), load<u32>(e1, 8), load<u32>(e2, 8), load<u32>(e3, 8));
}
