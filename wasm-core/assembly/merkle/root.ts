// RFC 6962 Merkle roots from a stream of leaves, one stream at a time. Hashes gather until a chunk of 1,024 is full; its root
// then joins the frontier, which holds one hash a level, so memory does not grow with the number of leaves.

import { batchEntryBytes, sha256Batch, sha256Packed } from "../sha256/batch";
import { sha256Begin, sha256Finish } from "../sha256/digest";
import { innerEntryBytes, innerHash, innerHashes } from "./hashes";
import { subtreesOfHashes, subtreesOfValues } from "./lane-subtrees";

/** Leaves of a chunk. */
const chunkLeaves: u32 = 1024;
const chunkLevels: u32 = 10;
/** Hashes of the chunk that is being filled. */
const pending: usize = memory.data(32768, 16);
let pendingCount: u32 = 0;
/** Leaves whose hashes are still to be worked out, by a list for `sha256Batch`; they are the last of `pending`. */
const listedMax: u32 = 256;
const listed: usize = memory.data(3072, 16);
let listedCount: u32 = 0;
/** Roots of chunks and of what they made, larger trees first: a binary counter of at most 54 levels. */
const frontier: usize = memory.data(1792, 16);
let chunkCount: u64 = 0;
let depth: u32 = 0;
const fourEntries: usize = memory.data(48, 16);

/** Starts a stream of leaves. */
export function merkleBegin(): void {
  pendingCount = 0;
  listedCount = 0;
  chunkCount = 0;
  depth = 0;
}

/** Where the next leaf's hash goes; `merklePush` counts it in. */
export function merkleSlot(): usize {
  return pending + (<usize>pendingCount << 5);
}

/** Counts in the hash at `merkleSlot`. */
export function merklePush(): void {
  pendingCount++;
  if (pendingCount < chunkLeaves) return;
  merkleSettle();
  if (ASC_FEATURE_SIMD) subtreesOfHashes(pending, chunkLevels - 2, pending);
  rootInPlace(pending, ASC_FEATURE_SIMD ? 4 : chunkLeaves);
  pushChunk();
}

/** Counts in a leaf, to be hashed with others: its bytes must stay until `merkleSettle`. */
export function merkleLeaf(from: usize, length: u32): void {
  const entry = listed + <usize>listedCount * batchEntryBytes;
  store<u32>(entry, <u32>from);
  store<u32>(entry, length, 4);
  store<u32>(entry, <u32>merkleSlot(), 8);
  listedCount++;
  if (listedCount == listedMax) merkleSettle();
  merklePush();
}

/** Hashes the leaves that `merkleLeaf` put off. */
export function merkleSettle(): void {
  sha256Batch(listed, listedCount, 0);
  listedCount = 0;
}

/** Takes in `count` leaves of `size` bytes each that lie together. */
export function merkleLeaves(from: usize, count: u32, size: u32): void {
  if (ASC_FEATURE_SIMD) {
    if (size == 32 && pendingCount == 0) {
      for (; count >= chunkLeaves; count -= chunkLeaves) {
        subtreesOfValues(from, chunkLevels - 2, pending);
        rootInPlace(pending, 4);
        pushChunk();
        from += 32 * chunkLeaves;
      }
    }
  }
  while (count > 0) {
    const take = min<u32>(count, chunkLeaves - pendingCount);
    sha256Packed(from, take, size, merkleSlot(), 0);
    pendingCount += take - 1;
    merklePush();
    from += <usize>take * size;
    count -= take;
  }
}

/** Takes in `count` hashes of leaves. */
export function merkleHashes(from: usize, count: u32): void {
  while (count > 0) {
    const take = min<u32>(count, chunkLeaves - pendingCount);
    memory.copy(merkleSlot(), from, <usize>take << 5);
    pendingCount += take - 1;
    merklePush();
    from += <usize>take << 5;
    count -= take;
  }
}

/** Writes the root of the leaves taken in. */
export function merkleFinish(to: usize): void {
  merkleSettle();
  if (pendingCount == 0 && depth == 0) {
    sha256Begin();
    sha256Finish(to);
    return;
  }
  if (pendingCount > 0) rootInPlace(pending, pendingCount);
  else memory.copy(pending, frontier + (<usize>--depth << 5), 32);
  for (; depth > 0; depth--) innerHash(frontier + (<usize>(depth - 1) << 5), pending, pending);
  memory.copy(to, pending, 32);
}

/** The full chunk's root at `pending` joins the frontier; trees of equal size join, as a binary counter carries. */
function pushChunk(): void {
  const root = frontier + (<usize>depth << 5);
  memory.copy(root, pending, 32);
  depth++;
  for (let carry = chunkCount; carry & 1; carry >>= 1) {
    const left = frontier + (<usize>(depth - 2) << 5);
    innerHash(left, left + 32, left);
    depth--;
  }
  chunkCount++;
  pendingCount = 0;
}

/**
 * Root of the tree over `count` (at least 1) leaf hashes at `at`, left there in place of the first; the others are lost. Level
 * by level, the odd last hash going up unchanged: this is RFC 6962's tree, whose left part is the largest power of two.
 */
export function rootInPlace(at: usize, count: u32): void {
  while (count > 1) {
    const pairs = count >>> 1;
    for (let pair: u32 = 0; pair < pairs; pair += 4) {
      const four = min<u32>(pairs - pair, 4);
      let entry = fourEntries;
      for (let i = pair; i < pair + four; i++) {
        store<u32>(entry, <u32>at + (i << 6));
        store<u32>(entry, <u32>at + (i << 6) + 32, 4);
        store<u32>(entry, <u32>at + (i << 5), 8);
        entry += innerEntryBytes;
      }
      innerHashes(fourEntries, four);
    }
    if (count & 1) memory.copy(at + (<usize>pairs << 5), at + (<usize>(count - 1) << 5), 32);
    count = pairs + (count & 1);
  }
}
