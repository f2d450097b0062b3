// Sign bytes of all votes of a commit in one batch (CometBFT v0.38, types/canonical.go): only the timestamps differ, so what comes
// before and after them is made once. Block id and timestamp are signed in the form in which they were read.

import { workTake } from "../work";
import { commitHeight, commitIdLength, commitIdStart, commitRound, flagCommit, slotFlag, slotSignature, slotTime, slotTimeLength } from "./commit";
import { bytesFieldLength, varintLength, writeBegin, writeByte, writeBytesField, writeEnd, writeFixed64Field, writeRaw, writeVarint, writeVarintField } from "./proto";

/** {type 1, height 2, round 3, block_id 4}, for the block and for nil. The longest has 20 bytes and a block id of 76 with its frame. */
const head: usize = memory.data(128, 16);
const nilHead: usize = memory.data(32, 16);
let headLength: u32 = 0;
let nilHeadLength: u32 = 0;
let chain: usize = 0;
let chainLength: u32 = 0;

const precommit: u64 = 2;
/** Of an entry: number of the slot, length of the message, key of 32 bytes, signature of 64. The message follows. */
const entryHeadBytes: u32 = 104;

/** Where the list starts, its bytes and its entries. */
export let listStart: usize = 0;
export let listLength: u32 = 0;
export let listCount: u32 = 0;

/** Starts a list for the commit that was read. */
export function listBegin(chainId: usize, length: u32): void {
  chain = chainId;
  chainLength = length;
  listStart = workTake(0);
  listLength = 0;
  listCount = 0;
  writeBegin(nilHead);
  writeVarintField(1, precommit);
  writeFixed64Field(2, commitHeight);
  writeFixed64Field(3, commitRound);
  nilHeadLength = <u32>(writeEnd() - nilHead);
  writeBegin(head);
  writeRaw(nilHead, nilHeadLength);
  writeByte(0x22);
  writeVarint(commitIdLength);
  writeRaw(commitIdStart, commitIdLength);
  headLength = <u32>(writeEnd() - head);
}

/** Adds a slot's vote, to be verified with a key. The signature must have 64 bytes. False when there is no room. */
export function listAdd(slot: u32, key: usize): bool {
  const isCommit = slotFlag(slot) == flagCommit;
  const timeLength = slotTimeLength(slot);
  const content = (isCommit ? headLength : nilHeadLength) + 2 + timeLength + bytesFieldLength(chainLength);
  const length = varintLength(content) + content;
  const entry = workTake(entryHeadBytes + length);
  if (entry == 0) return false;
  store<u32>(entry, slot);
  store<u32>(entry, length, 4);
  memory.copy(entry + 8, key, 32);
  memory.copy(entry + 40, slotSignature(slot), 64);
  writeBegin(entry + entryHeadBytes);
  writeVarint(content);
  if (isCommit) writeRaw(head, headLength);
  else writeRaw(nilHead, nilHeadLength);
  writeByte(0x2a);
  writeByte(timeLength);
  writeRaw(slotTime(slot), timeLength);
  writeBytesField(6, chain, chainLength);
  listLength += entryHeadBytes + length;
  listCount++;
  return true;
}
