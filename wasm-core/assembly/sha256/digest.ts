// SHA-256 (FIPS 180-4), incremental over any length. One digest at a time: finish one before beginning the next.

import { compress, stateBegin, stateDigest } from "./compress";

const state: usize = memory.data(32, 16);
const block: usize = memory.data(64, 16);
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
  while (length >= 64) {
    compress(state, from);
    from += 64;
    length -= 64;
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

/** Digest of bytes that lie together. */
export function sha256Of(from: usize, length: u32, to: usize): void {
  sha256Begin();
  sha256Update(from, length);
  sha256Finish(to);
}
