// Blocks that are known beforehand, but for a byte, with their schedules worked out and the round constants added at first use.

import { prepare } from "./compress";

/**
 * The second block of a 65-byte message, which RFC 6962's inner nodes are, depends on one byte only: the message's last. Its
 * 256 possible schedules take 64 KiB.
 */
const rows: usize = memory.data(65536, 16);
/** The second block of a 64-byte message is padding only. */
const padding: usize = memory.data(256, 16);
let rowsMade: bool = false;
let paddingMade: bool = false;

/** To be called before `lastByteRow`. */
export function lastByteRowsMake(): void {
  if (rowsMade) return;
  for (let byte: usize = 0; byte < 256; byte++) {
    const row = rows + (byte << 8);
    store<u32>(row, (<u32>byte << 24) | 0x00800000);
    store<u32>(row, 65 * 8, 60);
    prepare(row);
  }
  rowsMade = true;
}

/** 64 words for `compressPrepared`. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function lastByteRow(byte: u32): usize {
  return rows + (<usize>byte << 8);
}

/** 64 words for `compressPrepared`. */
export function paddingBlockOf64(): usize {
  if (!paddingMade) {
    store<u32>(padding, 0x80000000);
    store<u32>(padding, 64 * 8, 60);
    prepare(padding);
    paddingMade = true;
  }
  return padding;
}
