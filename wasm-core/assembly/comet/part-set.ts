// The part set of a block's bytes: parts of 64 KiB, and the Merkle root over them (CometBFT v0.38, types/part_set.go).

import { merkleBegin, merkleFinish, merkleLeaf } from "../merkle/root";

const partBytes: u32 = 65_536;

/** Writes the root; gives the number of parts. No bytes have no parts. */
export function hashParts(from: usize, length: u32, to: usize): u32 {
  merkleBegin();
  for (let at: u32 = 0; at < length; at += partBytes) merkleLeaf(from + at, min<u32>(partBytes, length - at));
  merkleFinish(to);
  return (length + partBytes - 1) / partBytes;
}
