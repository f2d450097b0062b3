// Exports of the core for digests: one message under way at a time, or many by one list.

import { leafBegin } from "../merkle/hashes";
import { outputStart } from "../memory";
import { noPrefix, sha256Batch, sha256Packed } from "./batch";
import { sha256Begin, sha256Finish, sha256Of, sha256Update } from "./digest";

/** Starts a digest; with `leaf` one of a Merkle leaf. */
export function digestBegin(leaf: u32): void {
  if (leaf) leafBegin();
  else sha256Begin();
}

export function digestUpdate(from: usize, length: u32): void {
  sha256Update(from, length);
}

/** Writes the digest to the output region. */
export function digestFinish(): void {
  sha256Finish(outputStart());
}

/** Digest of a message that lies together, to the output region. */
export function digestOf(from: usize, length: u32): void {
  sha256Of(from, length, outputStart());
}

/** Digests of `count` messages of `size` bytes each, packed at `to`; with `leaf` those of Merkle leaves. */
export function digestPacked(from: usize, count: u32, size: u32, to: usize, leaf: u32): void {
  sha256Packed(from, count, size, to, leaf ? 0 : noPrefix);
}

/** Digests of `count` messages by a list of entries {from u32, length u32, to u32}; with `leaf` those of Merkle leaves. */
export function digestList(list: usize, count: u32, leaf: u32): void {
  sha256Batch(list, count, leaf ? 0 : noPrefix);
}
