// The changes of a batch, gathered as a tree of their own, which sorts them and finds a key that comes twice. Its nodes become
// nodes of the next version where the shapes agree. A change is packed as: u32 length of the value, 0 to remove; u16 length of
// the name, 0 when a key of 32 bytes stands in its place; name; value.

import { batchEntryBytes, noPrefix, sha256Batch } from "../sha256/batch";
import { freeRecord, takeRecord } from "./pool";
import * as record from "./records";
import { freeLeaf, takeLeaf, valueBytesMax } from "./values";
import { warm } from "./warm";

/** What became of a step: the numbers stand in bindings/state-tree.ts too. */
export const done: u32 = 0;
export const outOfMemory: u32 = 1;
export const keyTwice: u32 = 2;
export const malformed: u32 = 3;

export const nameBytesMax: u32 = 256;
const headBytes: usize = 6;

/** Names hashed at once. */
const groupMax: u32 = 64;
const group: usize = memory.data(256, 16);
const names: usize = memory.data(768, 16);
/** A tree of fewer changes is at hand anyway. */
const warmMin: u32 = 4096;

const root: usize = memory.data(4, 4);
let taken: u32 = 0;
let puts: u32 = 0;

export function changesRoot(): usize {
  return load<u32>(root);
}

/** Number of changes. */
export function changesCount(): u32 {
  return taken;
}

/** Number of changes that set a value. */
export function changesPut(): u32 {
  return puts;
}

/** Forgets the tree of changes, which now belongs to someone else. */
export function changesBegin(): void {
  store<u32>(root, 0);
  taken = 0;
  puts = 0;
}

/** Frees the tree of changes. */
export function changesDrop(): void {
  const node = load<u32>(root);
  if (node != 0) freeFresh(node);
  changesBegin();
}

/** Takes in packed changes. After anything but `done` they must be dropped. */
export function changesTake(from: usize, length: u32): u32 {
  const end = from + length;
  while (from < end) {
    let count: u32 = 0;
    let hashed: u32 = 0;
    let status = done;
    while (from < end && count < groupMax) {
      if (end - from < headBytes) {
        status = malformed;
        break;
      }
      const valueLength = load<u32>(from);
      const nameLength = <u32>load<u16>(from, 4);
      const keyLength = nameLength == 0 ? record.keyBytes : nameLength;
      from += headBytes;
      if (valueLength > valueBytesMax || nameLength > nameBytesMax || <u32>(end - from) < keyLength + valueLength) {
        status = malformed;
        break;
      }
      const leaf = takeLeaf(from + keyLength, valueLength);
      if (leaf == 0) {
        status = outOfMemory;
        break;
      }
      store<u32>(group + (<usize>count << 2), leaf);
      count++;
      if (nameLength == 0) {
        record.copyHash(leaf, from);
      } else {
        const entry = names + <usize>hashed * batchEntryBytes;
        store<u32>(entry, from, 0);
        store<u32>(entry, nameLength, 4);
        store<u32>(entry, leaf, 8);
        hashed++;
      }
      from += keyLength + valueLength;
    }
    sha256Batch(names, hashed, noPrefix);
    if (taken > warmMin) warm(load<u32>(root), group, count);
    for (let i: u32 = 0; i < count; i++) {
      const leaf = load<u32>(group + (<usize>i << 2));
      if (status == done) status = insert(leaf);
      if (status != done) freeLeaf(leaf);
    }
    if (status != done) return status;
  }
  return done;
}

/** Hangs a leaf into the tree of changes. At most 256 steps. */
function insert(leaf: usize): u32 {
  const added = leaf | 1;
  let link = root;
  let node: usize = load<u32>(link);
  if (node == 0) {
    store<u32>(link, added);
    count(leaf);
    return done;
  }
  let bit: u32;
  for (;;) {
    const limit = record.bitOfNode(node);
    bit = record.divergence(node, added, limit);
    if (bit < limit) break;
    if (limit == record.keyBits) return keyTwice;
    link = node + record.innerChildren + (record.bitOfKey(leaf, limit) << 2);
    node = load<u32>(link);
  }
  const inner = takeRecord();
  if (inner == 0) return outOfMemory;
  const side = record.bitOfKey(leaf, bit);
  store<u64>(inner, record.prefixOf(added), record.innerPrefix);
  store<u32>(inner + (side << 2), added, record.innerChildren);
  store<u32>(inner + ((side ^ 1) << 2), node, record.innerChildren);
  store<u32>(inner, bit, record.innerBit);
  store<u32>(inner, 3, record.innerFresh);
  store<u32>(link, inner);
  count(leaf);
  return done;
}

function count(leaf: usize): void {
  taken++;
  if (load<u32>(leaf, record.leafLength) != 0) puts++;
}

/** Frees a node that the batch under way made, and those below it that it made. Depth of recursion is at most 257. */
export function freeFresh(node: usize): void {
  if (record.isLeaf(node)) {
    freeLeaf(record.leafRecord(node));
    return;
  }
  const fresh = load<u32>(node, record.innerFresh);
  if (fresh & 1) freeFresh(record.childOf(node, 0));
  if (fresh & 2) freeFresh(record.childOf(node, 1));
  freeRecord(node);
}
