// Where records come from: memory at the end of the module's, and a stack of freed ones, kept as a chain of blocks. A block is
// itself a record: next block, number of addresses, up to 22 addresses. So a whole chain is freed by linking it in.

import { recordBytes } from "./records";

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

// The records that the version under way supersedes. They are in use still, so the blocks are records of their own.

let supersededFirst: usize = 0;
let supersededLast: usize = 0;
let supersededCount: u32 = 0;

/** Notes a record that only older versions need. False when memory is out. */
export function supersede(record: usize): bool {
  if (supersededFirst == 0 || load<u32>(supersededFirst, 4) == blockAddressesMax) {
    const block = takeRecord();
    if (block == 0) return false;
    if (supersededFirst == 0) supersededLast = block;
    supersededFirst = pushToChain(supersededFirst, block);
    supersededCount++;
  }
  supersededFirst = pushToChain(supersededFirst, record);
  supersededCount++;
  return true;
}

/** Writes the chain of what was superseded to three words and starts a new one. */
export function supersededTo(first: usize): void {
  store<u32>(first, supersededFirst, 0);
  store<u32>(first, supersededLast, 4);
  store<u32>(first, supersededCount, 8);
  supersededFirst = 0;
  supersededLast = 0;
  supersededCount = 0;
}

/** Forgets what was superseded: it stays in use. */
export function supersededForget(): void {
  let block = supersededFirst;
  while (block != 0) {
    const following = load<u32>(block);
    freeRecord(block);
    block = following;
  }
  supersededFirst = 0;
  supersededLast = 0;
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
