// Where records come from: memory at the end of the module's, and a stack of freed ones, kept as a chain of blocks. A block is
// itself a record: next block, number of addresses, up to 22 addresses. So a whole chain is freed by linking it in.

import { recordBytes } from "./records";
import { touch } from "./warm";

const blockAddressesMax: u32 = 22;
/** Pages asked for at once; a sixteenth of what the tree has where that is more. */
const growthPagesMin: u32 = 16;
/** The last page is never used, so that an end is never beyond 32 bits. */
const pagesMaxOfModule: u32 = 65535;

let pagesMax: u32 = pagesMaxOfModule;
let next: usize = 0;
let end: usize = 0;
let freed: usize = 0;
let recordsTaken: u32 = 0;
let recordsFreed: u32 = 0;

/** Bounds the module's memory in pages of 64 KiB. What is already in use stays. */
export function limitPages(pages: u32): void {
  pagesMax = min<u32>(pages, pagesMaxOfModule);
}

/** Records in use. */
export function recordsLive(): u32 {
  return recordsTaken - recordsFreed;
}

/** A record of any content; 0 when memory is out. */
export function takeRecord(): usize {
  const block = freed;
  if (block != 0) {
    recordsFreed--;
    const count = load<u32>(block, 4);
    if (count == 0) {
      freed = load<u32>(block);
      touchListed(freed);
      return block;
    }
    store<u32>(block, count - 1, 4);
    return load<u32>(block + (<usize>count << 2), 4);
  }
  if (end - next < recordBytes && !grow()) return 0;
  const record = next;
  next += recordBytes;
  recordsTaken++;
  return record;
}

/** Loads the records that a block lists all at once, so that the waits for memory overlap: they will soon be written. */
function touchListed(block: usize): void {
  if (block == 0) return;
  let touched: u64 = 0;
  for (let i: u32 = load<u32>(block, 4); i > 0; i--) {
    const record: usize = load<u32>(block + (<usize>i << 2), 4);
    touched ^= load<u64>(record) ^ load<u64>(record, 64);
  }
  touch(touched);
}

export function freeRecord(record: usize): void {
  freed = pushToChain(freed, record);
  recordsFreed++;
}

/** Frees all records of a chain and its blocks, `count` together. */
export function freeChain(first: usize, last: usize, count: u32): void {
  if (first == 0) return;
  store<u32>(last, freed);
  freed = first;
  recordsFreed += count;
}

/** Adds a freed record to a chain, as its new first block when that is full. Answers the first block. */
function pushToChain(first: usize, record: usize): usize {
  const count = first == 0 ? blockAddressesMax : load<u32>(first, 4);
  if (count == blockAddressesMax) {
    store<u32>(record, first);
    store<u32>(record, 0, 4);
    return record;
  }
  store<u32>(first + (<usize>count << 2), record, 8);
  store<u32>(first, count + 1, 4);
  return first;
}

/**
 * Adds a record that stays in use to a chain whose blocks are records of their own; `chain` is where the chain's first block
 * stands. Answers 1 when that took a block, 0 when not, -1 when memory is out.
 */
export function chainPush(chain: usize, record: usize): i32 {
  const first: usize = load<u32>(chain);
  if (first != 0 && load<u32>(first, 4) < blockAddressesMax) {
    pushToChain(first, record);
    return 0;
  }
  const block = takeRecord();
  if (block == 0) return -1;
  store<u32>(block, first);
  store<u32>(block, 1, 4);
  store<u32>(block, record, 8);
  store<u32>(chain, block);
  return 1;
}

/** Number of addresses in a block. */
export function blockCount(block: usize): u32 {
  return load<u32>(block, 4);
}

export function blockAddress(block: usize, at: u32): usize {
  return load<u32>(block + (<usize>at << 2), 8);
}

/** Frees a block, but not what it lists. Answers the next one. */
export function freeBlock(block: usize): usize {
  const following: usize = load<u32>(block);
  freeRecord(block);
  return following;
}

// The records that the version under way supersedes, in use by older versions still.

const supersededFirst: usize = memory.data(4, 4);
let supersededLast: usize = 0;
let supersededCount: u32 = 0;

/** Notes a record that only older versions need. False when memory is out. */
export function supersede(record: usize): bool {
  const took = chainPush(supersededFirst, record);
  if (took < 0) return false;
  if (took > 0 && supersededCount == 0) supersededLast = load<u32>(supersededFirst);
  supersededCount += 1 + took;
  return true;
}

/** Writes the chain of what was superseded to three words, first block, last block and number, and starts a new one. */
export function supersededTo(words: usize): void {
  store<u32>(words, load<u32>(supersededFirst), 0);
  store<u32>(words, supersededLast, 4);
  store<u32>(words, supersededCount, 8);
  store<u32>(supersededFirst, 0);
  supersededCount = 0;
}

/** Forgets what was superseded: it stays in use. */
export function supersededForget(): void {
  let block: usize = load<u32>(supersededFirst);
  while (block != 0) block = freeBlock(block);
  store<u32>(supersededFirst, 0);
  supersededCount = 0;
}

/** More memory at the end; what someone else added there in between is not ours. */
function grow(): bool {
  const have = <u32>memory.size();
  const wanted = max<u32>(growthPagesMin, <u32>((<u64>recordsTaken * recordBytes) >> 20));
  let pages = have < pagesMax ? min<u32>(wanted, pagesMax - have) : 0;
  if (pages == 0) return false;
  if (memory.grow(pages) < 0) {
    pages = 1;
    if (memory.grow(1) < 0) return false;
  }
  const start = <usize>have << 16;
  if (start != end) next = start;
  end = start + (<usize>pages << 16);
  return true;
}
