// One proof for several leaves of an RFC 6962 tree.
//
// The tree of n leaves has, on level l, ceil(n / 2^l) nodes; a last node without a sibling goes up unchanged, which is
// RFC 6962 §2.1 seen from below. The proof of the leaves i1 < i2 < ... < ik holds, level by level from the leaves up and in
// each level from left to right, the hash of every node that is the sibling of a known node and is not itself known; known are
// the k leaves and all nodes above them. So a set of leaves has exactly one proof, and none can be left out of it.

import { bytesEqual } from "../memory";
import { listBegin, listFlush, listInner } from "./inner-list";
import { sizeMax } from "./proofs";

/** Bytes of a known node: index u64, pointer to its hash u32, and 4 that are not used. */
const knownBytes: usize = 16;

/**
 * `known` has `count` entries that begin with the leaves' indices, and their hashes lie at `leaves`; both are written over.
 * `hashes` holds the `hashCount` hashes of the proof. Inner nodes computed: at most count + hashCount.
 */
export function verifyMultiProof(
  root: usize,
  size: u64,
  known: usize,
  leaves: usize,
  count: u32,
  hashes: usize,
  hashCount: u32,
): bool {
  if (size > sizeMax || count == 0) return false;
  for (let i: u32 = 0; i < count; i++) {
    const entry = known + i * knownBytes;
    const index = load<u64>(entry);
    if (index >= size || (i > 0 && index <= load<u64>(entry - knownBytes))) return false;
    store<u32>(entry, <u32>(leaves + (<usize>i << 5)), 8);
  }
  listBegin();
  for (let width = size; width > 1; width = (width + 1) >> 1) {
    let written: u32 = 0;
    for (let i: u32 = 0; i < count; i++) {
      const entry = known + i * knownBytes;
      const index = load<u64>(entry);
      const node = <usize>load<u32>(entry, 8);
      if (index & 1 || index + 1 < width) {
        const next = entry + knownBytes;
        if (!(index & 1) && i + 1 < count && load<u64>(next) == index + 1) {
          listInner(node, load<u32>(next, 8), node);
          i++;
        } else {
          if (hashCount-- == 0) return false;
          if (index & 1) listInner(hashes, node, node);
          else listInner(node, hashes, node);
          hashes += 32;
        }
      }
      const parent = known + written++ * knownBytes;
      store<u64>(parent, index >> 1);
      store<u32>(parent, <u32>node, 8);
    }
    listFlush();
    count = written;
  }
  return hashCount == 0 && bytesEqual(load<u32>(known, 8), root, 32);
}
