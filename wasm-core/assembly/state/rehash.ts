// The hashes of a batch's nodes, from the leaves up: leaf sha256(00 | 20 | K | 20 | sha256(value)), inner node
// sha256(01 | left | right). Leaves go by groups, inner nodes by levels counted from the deepest fresh node below them, so that
// a level is one list. Each hash goes to where its parent, or the version, keeps it.

import { innerEntryBytes, innerHashes } from "../merkle/hashes";
import { batchEntryBytes, noPrefix, sha256Batch } from "../sha256/batch";
import { blockAddress, blockCount, chainPush, freeBlock } from "./pool";
import * as record from "./records";
import { outputBytesMax, outputStart } from "./regions";
import { gatherValue } from "./values";
import { touch } from "./warm";

const levelsMax: u32 = 257;
/** First block of each level's chain of nodes. */
const levels: usize = memory.data(1028, 16);
let height: u32 = 0;

/** Inner nodes hashed by one list. */
const innersMax: u32 = 512;
const inners: usize = memory.data(6144, 16);

const leavesMax: u32 = 128;
/** Lists of the values' digests and of the leaves'. */
const valueEntries: usize = memory.data(1536, 16);
const leafEntries: usize = memory.data(1536, 16);
/** A leaf without its first byte: 20 | K | 20 | hash of the value, at its first 66 bytes. */
const messageBytes: usize = 72;
const messages: usize = memory.data(9216, 16);
/** Values that do not lie in one place are gathered in the output region, one after the other. */
let leaves: u32 = 0;
let gatheredBytes: u32 = 0;

/** Forgets what is to be hashed. */
export function rehashForget(): void {
  for (let level: u32 = 0; level < height; level++) {
    let block: usize = load<u32>(levels + (<usize>level << 2));
    while (block != 0) block = freeBlock(block);
    store<u32>(levels + (<usize>level << 2), 0);
  }
  height = 0;
  leaves = 0;
  gatheredBytes = 0;
}

/**
 * Takes a fresh inner node, whose children are final, to be hashed; its hash goes where `rehashTo` will say. Fresh inner
 * children have been taken before. False when memory is out.
 */
export function rehashInner(inner: usize): bool {
  const fresh = load<u32>(inner, record.innerFresh);
  let level: u32 = 0;
  if (fresh & 1) level = rehashTo(record.childOf(inner, 0), inner);
  if (fresh & 2) level = max<u32>(level, rehashTo(record.childOf(inner, 1), inner + 32));
  store<u32>(inner, level + 1, record.innerLevel);
  if (height <= level) height = level + 1;
  return chainPush(levels + (<usize>level << 2), inner) >= 0;
}

/** Says where a fresh node's hash goes. Answers the levels of inner nodes at and below it. */
export function rehashTo(node: usize, target: usize): u32 {
  if (record.isLeaf(node)) {
    addLeaf(record.leafRecord(node), target);
    return 0;
  }
  store<u32>(node, target, record.innerTarget);
  return load<u32>(node, record.innerLevel);
}

/** Hashes all that was taken. */
export function rehashAll(): void {
  hashLeaves();
  for (let level: u32 = 0; level < height; level++) hashLevel(levels + (<usize>level << 2));
  height = 0;
}

function addLeaf(leaf: usize, target: usize): void {
  const length = load<u32>(leaf, record.leafLength);
  let value = leaf + record.leafValue;
  if (length > record.leafValueBytes) {
    if (gatheredBytes + length > outputBytesMax) hashLeaves();
    value = outputStart() + gatheredBytes;
    gatherValue(leaf, value);
    gatheredBytes += length;
  }
  const message = messages + <usize>leaves * messageBytes;
  store<u8>(message, 0x20, 0);
  record.copyHash(message + 1, leaf);
  store<u8>(message, 0x20, 33);
  const valueEntry = valueEntries + <usize>leaves * batchEntryBytes;
  store<u32>(valueEntry, value, 0);
  store<u32>(valueEntry, length, 4);
  store<u32>(valueEntry, message + 34, 8);
  const leafEntry = leafEntries + <usize>leaves * batchEntryBytes;
  store<u32>(leafEntry, message, 0);
  store<u32>(leafEntry, 66, 4);
  store<u32>(leafEntry, target, 8);
  leaves++;
  if (leaves == leavesMax) hashLeaves();
}

function hashLeaves(): void {
  sha256Batch(valueEntries, leaves, noPrefix);
  sha256Batch(leafEntries, leaves, 0);
  leaves = 0;
  gatheredBytes = 0;
}

function hashLevel(chain: usize): void {
  let block: usize = load<u32>(chain);
  let count: u32 = 0;
  let touched: u64 = 0;
  while (block != 0) {
    const listed = blockCount(block);
    for (let i: u32 = 0; i < listed; i++) {
      const inner = blockAddress(block, i);
      const entry = inners + <usize>count * innerEntryBytes;
      store<u32>(entry, inner, 0);
      store<u32>(entry, inner + 32, 4);
      const target: usize = load<u32>(inner, record.innerTarget);
      store<u32>(entry, target, 8);
      // While the list is made, all its nodes are fetched side by side.
      touched ^= load<u64>(inner) ^ load<u64>(target);
      count++;
      if (count == innersMax) {
        innerHashes(inners, count);
        count = 0;
      }
    }
    block = freeBlock(block);
  }
  innerHashes(inners, count);
  store<u32>(chain, 0);
  touch(touched);
}
