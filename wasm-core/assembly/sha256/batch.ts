// Many SHA-256 digests by one list, four at a time where the module has SIMD. Lanes are independent: one that finishes its
// message takes up the list's next, so messages of any lengths in any order keep all four busy until the list runs out.

import { compress, stateDigest } from "./compress";
import { sha256Begin, sha256Byte, sha256Finish, sha256Update } from "./digest";
import { lanesBlocks } from "./lane-words";
import { lanesCompress, lanesState } from "./lanes";
import { initialState } from "./constants";

/** Bytes of an entry of a batch list: start, length and target as u32. */
export const batchEntryBytes: usize = 12;
/** As `prefix`: none. */
export const noPrefix: i32 = -1;

/**
 * Digests of `count` messages by a list of entries {from u32, length u32, to u32}; each message is preceded by the byte
 * `prefix` unless that is `noPrefix` (0 makes RFC 6962 leaves). Messages are shorter than 2^31 bytes. No target may overlap
 * another entry's message.
 */
export function sha256Batch(list: usize, count: u32, prefix: i32): void {
  if (ASC_FEATURE_SIMD) {
    if (count > 1) {
      lanesBatch(list, count, prefix);
      return;
    }
  }
  for (; count > 0; count--) {
    sha256Begin();
    if (prefix >= 0) sha256Byte(prefix);
    sha256Update(load<u32>(list), load<u32>(list, 4));
    sha256Finish(load<u32>(list, 8));
    list += batchEntryBytes;
  }
}

/** Of each lane 16 bytes: next block u32, bytes left i32 (below 0: only padding), length with the prefix i32, target u32. */
const lanes: usize = memory.data(64, 16);
/** A block of each lane, for the blocks that are not whole in the message. */
const blocks: usize = memory.data(256, 16);
const state: usize = memory.data(32, 16);
/** 64 bytes to keep, 64 to drop. */
const keep: usize = memory.data<u64>([-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0], 16);
/** 64 bytes of nothing, then the padding's first byte. */
const pad: usize = memory.data<u64>([0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0], 16);

/** Begins a message in a lane. A prefix takes the place of the byte before the message, so that later blocks lie together. */
function laneBegin(lane: usize, list: usize, prefixed: u32): void {
  const record = lanes + (lane << 4);
  const length = load<u32>(list, 4);
  // Of an empty message the start may lead anywhere, and nothing is kept of what is read there.
  store<u32>(record, (length > 0 ? load<u32>(list) : <u32>list) - prefixed);
  store<u32>(record, length + prefixed, 4);
  store<u32>(record, length + prefixed, 8);
  store<u32>(record, load<u32>(list, 8), 12);
  for (let i: usize = 0; i < 8; i++)
    store<u32>(lanesState + (i << 4) + (lane << 2), load<u32>(initialState + (i << 2)));
}

/** Where the lane's next block of 64 bytes is: in the message itself, or put together with prefix and padding. */
function laneBlock(lane: usize, prefix: i32, memoryEnd: usize): usize {
  const record = lanes + (lane << 4);
  const from = load<u32>(record);
  const left = load<i32>(record, 4);
  const length = load<i32>(record, 8);
  const prefixed = prefix >= 0 && left == length;
  if (left >= 64 && !prefixed) return from;
  const block = blocks + (lane << 6);
  const bytes = min<i32>(left, 64);
  if (bytes < 0) {
    memory.fill(block, 0, 64);
  } else if (from + 64 <= memoryEnd) {
    // Reads past the message and drops what it read there.
    for (let i: usize = 0; i < 64; i += 16) {
      const kept = v128.and(v128.load(from + i), v128.load(keep + 64 - bytes + i));
      v128.store(block + i, v128.or(kept, v128.load(pad + 64 - bytes + i)));
    }
  } else {
    for (let i: i32 = 0; i < 64; i++) store<u8>(block + i, i < bytes ? load<u8>(from + i) : i == bytes ? 0x80 : 0);
  }
  if (prefixed) store<u8>(block, <u8>prefix);
  if (left < 56) store<u64>(block, bswap<u64>(<u64>length << 3), 56);
  return block;
}

function lanesBatch(list: usize, count: u32, prefix: i32): void {
  const prefixed: u32 = prefix >= 0 ? 1 : 0;
  const memoryEnd = <usize>memory.size() << 16;
  let active: u32 = 0;
  for (let lane: usize = 0; lane < 4; lane++) {
    if (count > 0) {
      laneBegin(lane, list, prefixed);
      list += batchEntryBytes;
      count--;
      active |= 1 << <u32>lane;
    }
  }
  while (popcnt<u32>(active) > 1) {
    lanesBlocks(
      active & 1 ? laneBlock(0, prefix, memoryEnd) : blocks,
      active & 2 ? laneBlock(1, prefix, memoryEnd) : blocks,
      active & 4 ? laneBlock(2, prefix, memoryEnd) : blocks,
      active & 8 ? laneBlock(3, prefix, memoryEnd) : blocks,
    );
    lanesCompress();
    for (let lane: usize = 0; lane < 4; lane++) {
      if (!(active & (1 << <u32>lane))) continue;
      if (!laneAdvance(lane)) continue;
      laneDigest(lane);
      if (count > 0) {
        laneBegin(lane, list, prefixed);
        list += batchEntryBytes;
        count--;
      } else {
        active &= ~(1 << <u32>lane);
      }
    }
  }
  if (active == 0) return;
  // A last long message alone is as fast by scalars.
  const lane = <usize>ctz<u32>(active);
  for (let i: usize = 0; i < 8; i++) store<u32>(state + (i << 2), load<u32>(lanesState + (i << 4) + (lane << 2)));
  do compress(state, laneBlock(lane, prefix, memoryEnd));
  while (!laneAdvance(lane));
  stateDigest(state, load<u32>(lanes + (lane << 4), 12));
}

/** Goes to the next block. True when the message is finished. */
function laneAdvance(lane: usize): bool {
  const record = lanes + (lane << 4);
  const left = load<i32>(record, 4);
  store<u32>(record, load<u32>(record) + 64);
  store<i32>(record, left - 64, 4);
  return left < 56;
}

function laneDigest(lane: usize): void {
  const to = load<u32>(lanes + (lane << 4), 12);
  for (let i: usize = 0; i < 8; i++)
    store<u32>(to + (i << 2), bswap<u32>(load<u32>(lanesState + (i << 4) + (lane << 2))));
}
