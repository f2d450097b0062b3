// A list of inner nodes to compute, filled one by one and computed when it is full or flushed, four at a time where the module
// has SIMD. One list is under way at a time; it begins empty after every flush.

import { innerEntryBytes, innerHashes } from "./hashes";

const entriesMax: u32 = 256;
const entries: usize = memory.data(3072, 16); // 256 entries
let count: u32 = 0;

/** Forgets what an abandoned list left. */
export function listBegin(): void {
  count = 0;
}

/** Adds the node of `left` and `right`. `to` may be one of the two, and must not be an input of another entry. */
export function listInner(left: usize, right: usize, to: usize): void {
  const entry = entries + <usize>count * innerEntryBytes;
  store<u32>(entry, <u32>left);
  store<u32>(entry, <u32>right, 4);
  store<u32>(entry, <u32>to, 8);
  if (++count == entriesMax) listFlush();
}

/** Computes what was added. */
export function listFlush(): void {
  innerHashes(entries, count);
  count = 0;
}
