// SHA-256 (FIPS 180-4), incremental over any length. One digest at a time: finish one before beginning the next.

import { compress, compressPrepared, stateBegin, stateDigest } from "./compress";
import { paddingBlockOf64 } from "./prepared";

const state: usize = memory.data(32, 16);
const block: usize = memory.data(64, 16);
const ownState: usize = memory.data(32, 16);
const ownBlock: usize = memory.data(64, 16);
let blockLength: u32 = 0;
let totalLength: u64 = 0;

/** Starts a digest. */
export function sha256Begin(): void {
  stateBegin(state);
  blockLength = 0;
  totalLength = 0;
}

/** Takes in bytes. Of no bytes the start may lead anywhere. */
export function sha256Update(from: usize, length: u32): void {
  if (length == 0) return;
  totalLength += length;
  if (blockLength > 0) {
    const take = min<u32>(64 - blockLength, length);
    memory.copy(block + blockLength, from, take);
    blockLength += take;
    from += take;
    length -= take;
    if (blockLength < 64) return;
    compress(state, block);
    blockLength = 0;
  }
  for (; length >= 64; length -= 64) {
    compress(state, from);
    from += 64;
  }
  if (length > 0) {
    memory.copy(block, from, length);
    blockLength = length;
  }
}

/** Takes in one byte. */
export function sha256Byte(byte: u32): void {
  store<u8>(block + blockLength, <u8>byte);
  blockLength++;
  totalLength++;
  if (blockLength == 64) {
    compress(state, block);
    blockLength = 0;
  }
}

/** Writes the digest's 32 bytes. */
export function sha256Finish(to: usize): void {
  const bits = totalLength << 3;
  store<u8>(block + blockLength, 0x80);
  blockLength++;
  if (blockLength > 56) {
    memory.fill(block + blockLength, 0, 64 - blockLength);
    compress(state, block);
    blockLength = 0;
  }
  memory.fill(block + blockLength, 0, 56 - blockLength);
  store<u64>(block, bswap<u64>(bits), 56);
  compress(state, block);
  blockLength = 0;
  stateDigest(state, to);
}

/** Digest of bytes that lie together. May be called while another digest is under way. */
export function sha256Of(from: usize, length: u32, to: usize): void {
  stateBegin(ownState);
  for (let left = length; left >= 64; left -= 64) {
    compress(ownState, from);
    from += 64;
  }
  if (length == 64) {
    compressPrepared(ownState, paddingBlockOf64());
  } else {
    const rest = length & 63;
    for (let i: usize = 0; i < 64; i += 8) store<u64>(ownBlock + i, 0);
    let i: usize = 0;
    for (; i + 8 <= rest; i += 8) store<u64>(ownBlock + i, load<u64>(from + i));
    for (; i < rest; i++) store<u8>(ownBlock + i, load<u8>(from + i));
    store<u8>(ownBlock + rest, 0x80);
    if (rest > 55) {
      compress(ownState, ownBlock);
      for (let i: usize = 0; i < 64; i += 8) store<u64>(ownBlock + i, 0);
    }
    store<u64>(ownBlock, bswap<u64>(<u64>length << 3), 56);
    compress(ownState, ownBlock);
  }
  stateDigest(ownState, to);
}
