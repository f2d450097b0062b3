// The hashes of a batch's nodes, from the leaves up: leaf sha256(00 | 20 | K | 20 | sha256(value)), inner node
// sha256(01 | left | right). Leaves go by groups, inner nodes by levels counted from the deepest fresh node below them, so that
// a level is one list. Each hash goes to where its parent, or the version, keeps it.

import { innerEntryBytes, innerHashes } from "../merkle/hashes";
import { batchEntryBytes, noPrefix, sha256Batch } from "../sha256/batch";
import * as record from "./records";
import { outputBytesMax, outputStart } from "./regions";
import { gatherValue } from "./values";

const levelsMax: u32 = 257;
/** First node of each level. */
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

/** Hashes a fresh node and all fresh ones below it; its own hash goes to `target`. */
export function rehash(root: usize, target: usize): void {
  leaves = 0;
  gatheredBytes = 0;
  height = 0;
  if (record.isLeaf(root)) addLeaf(root, target);
  else collect(root, target);
  hashLeaves();
  for (let level: u32 = 0; level < height; level++) hashLevel(level);
}

/** Answers the number of levels below and at the node. Depth of recursion is at most 256. */
function collect(inner: usize, target: usize): u32 {
  store<u32>(inner, target, record.innerTarget);
  const fresh = load<u32>(inner, record.innerFresh);
  let below: u32 = 0;
  if (fresh & 1) {
    const left = record.childOf(inner, 0);
    if (record.isLeaf(left)) addLeaf(left, inner);
    else below = collect(left, inner);
  }
  if (fresh & 2) {
    const right = record.childOf(inner, 1);
    if (record.isLeaf(right)) addLeaf(right, inner + 32);
    else below = max<u32>(below, collect(right, inner + 32));
  }
  while (height <= below) {
    store<u32>(levels + (<usize>height << 2), 0);
    height++;
  }
  const first = levels + (<usize>below << 2);
  store<u32>(inner, load<u32>(first), record.innerNext);
  store<u32>(first, inner);
  return below + 1;
}

function addLeaf(leaf: usize, target: usize): void {
  const at = record.leafRecord(leaf);
  const length = load<u32>(at, record.leafLength);
  let value = at + record.leafValue;
  if (length > record.leafValueBytes) {
    if (gatheredBytes + length > outputBytesMax) hashLeaves();
    value = outputStart() + gatheredBytes;
    gatherValue(at, value);
    gatheredBytes += length;
  }
  const message = messages + <usize>leaves * messageBytes;
  store<u8>(message, 0x20, 0);
  record.copyHash(message + 1, at);
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

function hashLevel(level: u32): void {
  let inner: usize = load<u32>(levels + (<usize>level << 2));
  while (inner != 0) {
    let count: u32 = 0;
    let entry = inners;
    while (inner != 0 && count < innersMax) {
      store<u32>(entry, inner, 0);
      store<u32>(entry, inner + 32, 4);
      store<u32>(entry, load<u32>(inner, record.innerTarget), 8);
      inner = load<u32>(inner, record.innerNext);
      entry += innerEntryBytes;
      count++;
    }
    innerHashes(inners, count);
  }
}
