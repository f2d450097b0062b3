// Many SHA-256 digests by one list, four at a time where the module has SIMD. Lanes are independent: one that finishes its
// message takes up the list's next, so messages of any lengths in any order keep all four busy until the list runs out.

import { compress, stateDigest } from "./compress";
import { initialState } from "./constants";
import { sha256Begin, sha256Byte, sha256Finish, sha256Of, sha256Update } from "./digest";
import { fourMessages, keepBytes, padBytes, readableInBlocks } from "./four-messages";
import { lanesBlocks } from "./lane-words";
import { lanesCompress, lanesState } from "./lanes";

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
    const memoryEnd = <usize>memory.size() << 16;
    for (; count > 3 && fourAlike(list, memoryEnd); count -= 4) {
      fourMessages(
        load<u32>(list),
        load<u32>(list, 12),
        load<u32>(list, 24),
        load<u32>(list, 36),
        load<u32>(list, 4),
        prefix,
        load<u32>(list, 8),
        load<u32>(list, 20),
        load<u32>(list, 32),
        load<u32>(list, 44),
      );
      list += batchEntryBytes * 4;
    }
    if (count > 1) {
      lanesBatch(list, count, prefix, memoryEnd);
      return;
    }
  }
  for (; count > 0; count--) {
    if (prefix >= 0) {
      sha256Begin();
      sha256Byte(prefix);
      sha256Update(load<u32>(list), load<u32>(list, 4));
      sha256Finish(load<u32>(list, 8));
    } else {
      sha256Of(load<u32>(list), load<u32>(list, 4), load<u32>(list, 8));
    }
    list += batchEntryBytes;
  }
}

/** Digests of `count` messages of `size` bytes each that lie together at `from`, packed at `to`; otherwise as `sha256Batch`. */
export function sha256Packed(from: usize, count: u32, size: u32, to: usize, prefix: i32): void {
  if (ASC_FEATURE_SIMD) {
    const memoryEnd = <usize>memory.size() << 16;
    for (; count > 3 && readableInBlocks(from, size << 2, memoryEnd); count -= 4) {
      const from1 = from + size;
      const from2 = from1 + size;
      const from3 = from2 + size;
      fourMessages(from, from1, from2, from3, size, prefix, to, to + 32, to + 64, to + 96);
      from = from3 + size;
      to += 128;
    }
  }
  for (; count > 0; count--) {
    store<u32>(one, <u32>from);
    store<u32>(one, size, 4);
    store<u32>(one, <u32>to, 8);
    sha256Batch(one, 1, prefix);
    from += size;
    to += 32;
  }
}

const one: usize = memory.data(12, 16);

/** True when the next four entries have one length and can be read by blocks. */
function fourAlike(list: usize, memoryEnd: usize): bool {
  const length = load<u32>(list, 4);
  if (length == 0) return false;
  for (let i: usize = 0; i < 4; i++) {
    const entry = list + i * batchEntryBytes;
    if (load<u32>(entry, 4) != length || !readableInBlocks(load<u32>(entry), length, memoryEnd)) return false;
  }
  return true;
}

/** Of each lane 16 bytes: next block u32, bytes left i32 (below 0: only padding), length with the prefix i32, target u32. */
const lanes: usize = memory.data(64, 16);
/** A block of each lane, for the blocks that are not whole in the message. */
const blocks: usize = memory.data(256, 16);
const state: usize = memory.data(32, 16);
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
      const kept = v128.and(v128.load(from + i), v128.load(keepBytes + 64 - bytes + i));
      v128.store(block + i, v128.or(kept, v128.load(padBytes + 64 - bytes + i)));
    }
  } else {
    for (let i: i32 = 0; i < 64; i++) store<u8>(block + i, i < bytes ? load<u8>(from + i) : i == bytes ? 0x80 : 0);
  }
  if (prefixed) store<u8>(block, <u8>prefix);
  if (left < 56) store<u64>(block, bswap<u64>(<u64>length << 3), 56);
  return block;
}

function lanesBatch(list: usize, count: u32, prefix: i32, memoryEnd: usize): void {
  const prefixed: u32 = prefix >= 0 ? 1 : 0;
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
