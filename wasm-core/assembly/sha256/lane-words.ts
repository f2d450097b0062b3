// Between bytes and lanes: transposes of 4 by 4 words that bring four messages in, and four digests out, lane by lane.
// Only for the module with SIMD.

import { lanesSchedule, lanesState, storeLanes } from "./lanes";

/** The bytes of each word in reverse: big-endian words as numbers, and back. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function reverseWords(x: v128): v128 {
  return i8x16.shuffle(x, x, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}

/** The block of 64 bytes at each of four places becomes the schedule's first 16 words. */
export function lanesBlocks(from0: usize, from1: usize, from2: usize, from3: usize): void {
  for (let i: usize = 0; i < 64; i += 16)
    storeLanes(
      lanesSchedule + (i << 2),
      reverseWords(v128.load(from0 + i)),
      reverseWords(v128.load(from1 + i)),
      reverseWords(v128.load(from2 + i)),
      reverseWords(v128.load(from3 + i)),
    );
}

/** Writes each lane's digest of 32 bytes to its place. */
export function lanesDigests(to0: usize, to1: usize, to2: usize, to3: usize): void {
  for (let i: usize = 0; i < 32; i += 16) {
    const words = lanesState + (i << 2);
    const low01 = i32x4.shuffle(v128.load(words), v128.load(words, 16), 0, 4, 1, 5);
    const low23 = i32x4.shuffle(v128.load(words, 32), v128.load(words, 48), 0, 4, 1, 5);
    const high01 = i32x4.shuffle(v128.load(words), v128.load(words, 16), 2, 6, 3, 7);
    const high23 = i32x4.shuffle(v128.load(words, 32), v128.load(words, 48), 2, 6, 3, 7);
    v128.store(to0 + i, reverseWords(i64x2.shuffle(low01, low23, 0, 2)));
    v128.store(to1 + i, reverseWords(i64x2.shuffle(low01, low23, 1, 3)));
    v128.store(to2 + i, reverseWords(i64x2.shuffle(high01, high23, 0, 2)));
    v128.store(to3 + i, reverseWords(i64x2.shuffle(high01, high23, 1, 3)));
  }
}
