// Merkle leaves gathered, so that they are hashed several at a time. Their bytes must stay in place until they are taken in.

import { merkleBegin, merkleFinish, merklePush, merkleSlot } from "../merkle/root";
import { batchEntryBytes, noPrefix, sha256Batch } from "../sha256/batch";

/** Leaves that are taken in at once. */
export const leavesAtOnce: u32 = 64;
const list: usize = memory.data(768, 16);
const digests: usize = memory.data(2048, 16);
let count: u32 = 0;

export function leavesBegin(): void {
  merkleBegin();
  count = 0;
}

/** How many leaves wait. After `leavesAtOnce` they are taken in, and the places of their bytes are free again. */
export function leavesWaiting(): u32 {
  return count;
}

function add(from: usize, length: u32): void {
  const entry = list + count * batchEntryBytes;
  store<u32>(entry, <u32>from);
  store<u32>(entry, length, 4);
  store<u32>(entry, <u32>(digests + (<usize>count << 5)), 8);
  count++;
}

function push(): void {
  for (let i: u32 = 0; i < count; i++) {
    memory.copy(merkleSlot(), digests + (<usize>i << 5), 32);
    merklePush();
  }
  count = 0;
}

export function leafAdd(from: usize, length: u32): void {
  add(from, length);
  if (count == leavesAtOnce) leavesTake();
}

function leavesTake(): void {
  sha256Batch(list, count, 0);
  push();
}

/** As `leafAdd`, where the leaf is the digest of the bytes. One tree has leaves of one kind. */
export function digestLeafAdd(from: usize, length: u32): void {
  add(from, length);
  if (count == leavesAtOnce) digestLeavesTake();
}

function digestLeavesTake(): void {
  sha256Batch(list, count, noPrefix);
  // A digest may be written where it was read: entry by entry its target is its own message alone.
  for (let i: u32 = 0; i < count; i++) {
    const entry = list + i * batchEntryBytes;
    store<u32>(entry, load<u32>(entry, 8));
    store<u32>(entry, 32, 4);
  }
  sha256Batch(list, count, 0);
  push();
}

export function leavesFinish(to: usize): void {
  leavesTake();
  merkleFinish(to);
}

export function digestLeavesFinish(to: usize): void {
  digestLeavesTake();
  merkleFinish(to);
}
