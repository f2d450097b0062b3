// The two hashes of RFC 6962 trees: leaf sha256(00 | x), inner node sha256(01 | l | r), one at a time and by lists.

import { sha256Begin, sha256Byte, sha256Finish, sha256Update } from "../sha256/digest";

export function leafBegin(): void {
  sha256Begin();
  sha256Byte(0);
}

export function leafHash(from: usize, length: u32, to: usize): void {
  leafBegin();
  sha256Update(from, length);
  sha256Finish(to);
}

export function innerHash(left: usize, right: usize, to: usize): void {
  sha256Begin();
  sha256Byte(1);
  sha256Update(left, 32);
  sha256Update(right, 32);
  sha256Finish(to);
}

/** Bytes of an entry of an inner list: left, right and target as u32 pointers. */
export const innerEntryBytes: usize = 12;

/**
 * Inner nodes by a list of `count` entries {left u32, right u32, to u32}. No target may be an input of the same list, but
 * for its own entry's. Four at a time where the module has SIMD.
 */
export function innerHashes(list: usize, count: u32): void {
  for (; count > 0; count--) {
    innerHash(load<u32>(list), load<u32>(list, 4), load<u32>(list, 8));
    list += innerEntryBytes;
  }
}
