// RFC 9162 §2.1.3.2 for many proofs at a time: a step of every proof under way is one list of inner nodes, so that all lanes
// work whatever the proofs' lengths.
//
// Packed proofs lie one after the other, numbers little-endian:
//   count u32 | index u64 | size u64 | leaf hash 32 | root 32 | path of count hashes
// and where all share one root and size:
//   count u32 | index u64 | leaf hash 32 | path of count hashes

import { bytesEqual } from "../memory";
import { listBegin, listFlush, listInner } from "./inner-list";
import { inclusionPathLength, inclusionSides, sizeMax } from "./proofs";

/** Proofs under way at once. */
const groupMax: u32 = 64;
const nodes: usize = memory.data(2048, 16); // 64 hashes
/** Of each proof under way: sides u64, path u32, steps left u32, root u32, node u32, verdict u32. */
const proofBytes: usize = 32;
const proofs: usize = memory.data(2048, 16);
/** Proofs that one call takes. */
export const inclusionsMax: u32 = 4096;

const ownRootBytes: u64 = 84;
const sharedRootBytes: u64 = 44;

/**
 * Reads the packed proofs that end before `end`, and writes 1 or 0 for each at `verdicts`. `root` is 0 when every proof has its
 * own root and size. Proofs read, at most `inclusionsMax`; one that is cut short does not verify and is the last.
 */
export function verifyInclusions(from: usize, end: usize, root: usize, size: u64, verdicts: usize): u32 {
  const header = root ? sharedRootBytes : ownRootBytes;
  let read: u32 = 0;
  listBegin();
  while (from < end && read < inclusionsMax) {
    let active: u32 = 0;
    while (from < end && read < inclusionsMax && active < groupMax) {
      const verdict = verdicts + read++;
      store<u8>(verdict, 0);
      if (<u64>(end - from) < header) return settle(active, read);
      const count = load<u32>(from);
      const length = header + (<u64>count << 5);
      if (<u64>(end - from) < length) return settle(active, read);
      const index = load<u64>(from, 4);
      const leaves = root ? size : load<u64>(from, 12);
      if (leaves <= sizeMax && index < leaves && count == inclusionPathLength(index, leaves)) {
        const proof = proofs + active * proofBytes;
        const node = nodes + (<usize>active << 5);
        const leaf = from + (root ? 12 : 20);
        memory.copy(node, leaf, 32);
        store<u64>(proof, inclusionSides(index, leaves));
        store<u32>(proof, <u32>(from + <usize>header), 8);
        store<u32>(proof, count, 12);
        store<u32>(proof, <u32>(root ? root : leaf + 32), 16);
        store<u32>(proof, <u32>node, 20);
        store<u32>(proof, <u32>verdict, 24);
        active++;
      }
      from += <usize>length;
    }
    settle(active, read);
  }
  return read;
}

/** Brings the `active` first proofs to their ends and writes their verdicts; returns `read`. */
function settle(active: u32, read: u32): u32 {
  while (active > 0) {
    let kept: u32 = 0;
    for (let i: u32 = 0; i < active; i++) {
      const proof = proofs + i * proofBytes;
      const left = load<u32>(proof, 12);
      const node = <usize>load<u32>(proof, 20);
      if (left == 0) {
        store<u8>(load<u32>(proof, 24), bytesEqual(node, load<u32>(proof, 16), 32) ? 1 : 0);
        continue;
      }
      const sides = load<u64>(proof);
      const sibling = <usize>load<u32>(proof, 8);
      if (sides & 1) listInner(sibling, node, node);
      else listInner(node, sibling, node);
      // Proofs that go on move up over those that are at their end.
      const place = proofs + kept++ * proofBytes;
      store<u64>(place, sides >> 1);
      store<u32>(place, <u32>(sibling + 32), 8);
      store<u32>(place, left - 1, 12);
      store<u32>(place, load<u32>(proof, 16), 16);
      store<u32>(place, <u32>node, 20);
      store<u32>(place, load<u32>(proof, 24), 24);
    }
    listFlush();
    active = kept;
  }
  return read;
}
