// Four messages of one length at once, from their bytes to their digests. Only for the module with SIMD.

import { lanesBlocks, lanesDigests, reverseWords } from "./lane-words";
import { lanesBegin, lanesCompress, lanesCompressPrepared, lanesSchedule, storeLanes } from "./lanes";
import { paddingBlockOf64 } from "./prepared";

/** 64 bytes to keep, 64 to drop: what a block keeps of the bytes that are read for it. */
export const keepBytes: usize = memory.data<u64>([-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0], 16);
/** 64 bytes of nothing, then the padding's first byte. */
export const padBytes: usize = memory.data<u64>([0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0], 16);

/** True when `fourMessages` may read a message (not empty) by blocks: it reads up to 64 bytes beyond the message's end. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function readableInBlocks(from: usize, length: u32, memoryEnd: usize): bool {
  return from + length + 64 <= memoryEnd;
}

/**
 * Digests of four messages of `length` bytes, each preceded by the byte `prefix` unless that is below 0, each to 32 bytes. No
 * target may be in another's message.
 */
export function fourMessages(
  from0: usize,
  from1: usize,
  from2: usize,
  from3: usize,
  length: u32,
  prefix: i32,
  to0: usize,
  to1: usize,
  to2: usize,
  to3: usize,
): void {
  lanesBegin();
  let left = <i32>length;
  if (prefix >= 0) {
    // The prefix takes the place of the byte before the message, so that later blocks lie together.
    from0--;
    from1--;
    from2--;
    from3--;
    left++;
  }
  const total = left;
  // A block that has room for the length is the last.
  for (; left >= -8; left -= 64) {
    if (left >= 64) lanesBlocks(from0, from1, from2, from3);
    else if (left >= 0) lastBlocks(from0, from1, from2, from3, left);
    else for (let i: usize = 0; i < 256; i += 16) v128.store(lanesSchedule + i, i32x4.splat(0));
    if (prefix >= 0 && left == total) {
      const rest = v128.and(v128.load(lanesSchedule), i32x4.splat(0x00ffffff));
      v128.store(lanesSchedule, v128.or(rest, i32x4.splat(prefix << 24)));
    }
    if (left < 56) {
      v128.store(lanesSchedule, i32x4.splat(total >>> 29), 224);
      v128.store(lanesSchedule, i32x4.splat(total << 3), 240);
    }
    if (left == 0 && total == 64) {
      const words = paddingBlockOf64();
      lanesCompressPrepared(words, words, words, words);
    } else {
      lanesCompress();
    }
    from0 += 64;
    from1 += 64;
    from2 += 64;
    from3 += 64;
  }
  lanesDigests(to0, to1, to2, to3);
}

/** The block of a message's last `left` bytes, below 64, with the padding's first byte and zeros behind it. */
function lastBlocks(from0: usize, from1: usize, from2: usize, from3: usize, left: usize): void {
  for (let i: usize = 0; i < 64; i += 16) {
    const words = lanesSchedule + (i << 2);
    if (i > left) {
      const zero = i32x4.splat(0);
      storeLanes(words, zero, zero, zero, zero);
      continue;
    }
    const keep = v128.load(keepBytes + 64 - left + i);
    const pad = v128.load(padBytes + 64 - left + i);
    storeLanes(
      words,
      reverseWords(v128.or(v128.and(v128.load(from0 + i), keep), pad)),
      reverseWords(v128.or(v128.and(v128.load(from1 + i), keep), pad)),
      reverseWords(v128.or(v128.and(v128.load(from2 + i), keep), pad)),
      reverseWords(v128.or(v128.and(v128.load(from3 + i), keep), pad)),
    );
  }
}
