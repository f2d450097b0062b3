// Many SHA-256 digests by one list, four at a time where the module has SIMD.

import { sha256Begin, sha256Byte, sha256Finish, sha256Update } from "./digest";

/** Bytes of an entry of a batch list: start, length and target as u32. */
export const batchEntryBytes: usize = 12;
/** As `prefix`: none. */
export const noPrefix: i32 = -1;

/**
 * Digests of `count` messages by a list of entries {from u32, length u32, to u32}; each message is preceded by the byte
 * `prefix` unless that is `noPrefix` (0 makes RFC 6962 leaves). No target may overlap another entry's message.
 */
export function sha256Batch(list: usize, count: u32, prefix: i32): void {
  for (; count > 0; count--) {
    sha256Begin();
    if (prefix >= 0) sha256Byte(prefix);
    sha256Update(load<u32>(list), load<u32>(list, 4));
    sha256Finish(load<u32>(list, 8));
    list += batchEntryBytes;
  }
}
