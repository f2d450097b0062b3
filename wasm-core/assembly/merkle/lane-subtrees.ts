// Four RFC 6962 subtrees of equal size at once, one a lane. Hashes stay lane by lane from the leaves to the roots, so that no
// level needs a shuffle but the leaves'. Only for the module with SIMD.

import { lanesDigests, reverseWords } from "../sha256/lane-words";
import { lanesBegin, lanesCompress, lanesCompressPrepared, lanesSchedule, lanesState, storeLanes } from "../sha256/lanes";
import { lastByteRow, lastByteRowsMake } from "../sha256/prepared";

/** What the lanes hold on to, eight vectors a hash: one hash a level, at most 9, and the newest. */
const stack: usize = memory.data(1280, 16);

/** Roots of four subtrees of 2^`levels` values (at most 8 levels) of 32 bytes that lie together at `from`, to 128 bytes at `to`. */
export function subtreesOfValues(from: usize, levels: u32, to: usize): void {
  subtrees(from, levels, to, true);
}

/** As `subtreesOfValues`, but `from` has the leaves' hashes. */
export function subtreesOfHashes(from: usize, levels: u32, to: usize): void {
  subtrees(from, levels, to, false);
}

function subtrees(from: usize, levels: u32, to: usize, values: bool): void {
  lastByteRowsMake();
  const stride = <usize>32 << levels;
  let top = stack;
  for (let i: u32 = 0; i < 1 << levels; i++) {
    if (values) valuesLoad(from, stride, top);
    else hashesLoad(from, stride, top);
    from += 32;
    for (let carry = i; carry & 1; carry >>= 1) {
      top -= 128;
      join(top);
    }
    top += 128;
  }
  for (let i: usize = 0; i < 128; i += 16) v128.store(lanesState + i, v128.load(stack + i));
  lanesDigests(to, to + 32, to + 64, to + 96);
}

/** A value of each lane, hashed as a leaf: one block, 00 | value | 80 | length. */
function valuesLoad(from: usize, stride: usize, to: usize): void {
  const from1 = from + stride;
  const from2 = from1 + stride;
  const from3 = from2 + stride;
  const zero = i32x4.splat(0);
  storeLanes(lanesSchedule, shifted(from), shifted(from1), shifted(from2), shifted(from3));
  storeLanes(
    lanesSchedule + 64,
    reverseWords(v128.load(from, 15)),
    reverseWords(v128.load(from1, 15)),
    reverseWords(v128.load(from2, 15)),
    reverseWords(v128.load(from3, 15)),
  );
  let last = i32x4.splat(load<u8>(from, 31));
  last = i32x4.replace_lane(last, 1, load<u8>(from1, 31));
  last = i32x4.replace_lane(last, 2, load<u8>(from2, 31));
  last = i32x4.replace_lane(last, 3, load<u8>(from3, 31));
  v128.store(lanesSchedule, v128.or(i32x4.shl(last, 24), i32x4.splat(0x00800000)), 128);
  for (let i: usize = 144; i < 240; i += 16) v128.store(lanesSchedule + i, zero);
  v128.store(lanesSchedule, i32x4.splat(33 * 8), 240);
  lanesBegin();
  lanesCompress();
  for (let i: usize = 0; i < 128; i += 16) v128.store(to + i, v128.load(lanesState + i));
}

/** The first four words of 00 | value. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function shifted(from: usize): v128 {
  return i8x16.shuffle(v128.load(from), i8x16.splat(0), 2, 1, 0, 16, 6, 5, 4, 3, 10, 9, 8, 7, 14, 13, 12, 11);
}

/** A hash of each lane. */
function hashesLoad(from: usize, stride: usize, to: usize): void {
  const from1 = from + stride;
  const from2 = from1 + stride;
  const from3 = from2 + stride;
  for (let i: usize = 0; i < 32; i += 16)
    storeLanes(
      to + (i << 2),
      reverseWords(v128.load(from + i)),
      reverseWords(v128.load(from1 + i)),
      reverseWords(v128.load(from2 + i)),
      reverseWords(v128.load(from3 + i)),
    );
}

/** The hash at `node` and the one after it become the inner node above them: 01 | left | right, shifted by a byte against the words. */
function join(node: usize): void {
  let before = i32x4.splat(1);
  for (let i: usize = 0; i < 256; i += 16) {
    const word = v128.load(node + i);
    v128.store(lanesSchedule + i, v128.or(i32x4.shl(before, 24), i32x4.shr_u(word, 8)));
    before = word;
  }
  lanesBegin();
  lanesCompress();
  lanesCompressPrepared(
    lastByteRow(load<u8>(node, 240)),
    lastByteRow(load<u8>(node, 244)),
    lastByteRow(load<u8>(node, 248)),
    lastByteRow(load<u8>(node, 252)),
  );
  for (let i: usize = 0; i < 128; i += 16) v128.store(node + i, v128.load(lanesState + i));
}
