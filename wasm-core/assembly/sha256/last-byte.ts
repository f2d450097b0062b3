// The second block of 65-byte messages, which RFC 6962's inner nodes are, depends on one byte only: the message's last. Its 256
// possible schedules, round constants added, stand in a table of 64 KiB that is worked out at first use.

import { prepare } from "./compress";

const rows: usize = memory.data(65536, 16);
let made: bool = false;

/** To be called before `lastByteRow`. */
export function lastByteRowsMake(): void {
  if (made) return;
  for (let byte: usize = 0; byte < 256; byte++) {
    const row = rows + (byte << 8);
    store<u32>(row, (<u32>byte << 24) | 0x00800000);
    store<u32>(row, 65 * 8, 60);
    prepare(row);
  }
  made = true;
}

/** 64 words for `compressPrepared`. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function lastByteRow(byte: u32): usize {
  return rows + (<usize>byte << 8);
}
