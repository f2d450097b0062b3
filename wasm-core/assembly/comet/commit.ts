// A commit, read into a table of signature slots (CometBFT v0.38, types/block.go Commit and CommitSig).

import { merkleBegin, merkleFinish, merkleLeaf } from "../merkle/root";
import { workTake, workTop } from "../work";
import {
  contentLength,
  contentStart,
  enter,
  leave,
  nextIs,
  readPosition,
  readSound,
  spoil,
  takeBytes,
  takeNumber,
} from "./canonical";
import {
  blockHashLength,
  blockHashStart,
  blockIdIsZero,
  blockIdLength,
  blockIdStart,
  readBlockId,
  readTime,
  timeIsZero,
  timeLength,
  timeStart,
} from "./parts";

/** MaxVotesCount: no commit has more signatures, no set more validators. */
export const validatorsMax: u32 = 10_000;

export const flagAbsent: u32 = 1;
export const flagCommit: u32 = 2;
const flagNil: u32 = 3;

/** Bytes of a slot: flag, address (0 when it has not 20 bytes), signature, its length, timestamp, its length, the whole, its length. */
const slotBytes: u32 = 32;
let slots: usize = 0;

export let commitHeight: i64 = 0;
export let commitRound: i64 = 0;
export let commitIdStart: usize = 0;
export let commitIdLength: u32 = 0;
export let commitIdIsZero: bool = false;
export let commitHashStart: usize = 0;
export let commitHashLength: u32 = 0;
export let commitCount: u32 = 0;
/** False when there was no room for all slots. */
export let commitFits: bool = true;

function slotAt(index: u32): usize {
  return slots + <usize>index * slotBytes;
}

export function slotFlag(index: u32): u32 {
  return load<u32>(slotAt(index));
}

export function slotAddress(index: u32): usize {
  return load<u32>(slotAt(index), 4);
}

export function slotSignature(index: u32): usize {
  return load<u32>(slotAt(index), 8);
}

export function slotSignatureLength(index: u32): u32 {
  return load<u32>(slotAt(index), 12);
}

export function slotTime(index: u32): usize {
  return load<u32>(slotAt(index), 16);
}

export function slotTimeLength(index: u32): u32 {
  return load<u32>(slotAt(index), 20);
}

/** CommitSig {block_id_flag 1, validator_address 2, timestamp 3, signature 4}. An absent one is empty and has Go's zero time. */
function readSlot(): void {
  const slot = commitCount < validatorsMax ? workTake(slotBytes) : 0;
  if (slot == 0) {
    commitFits = false;
    spoil();
    return;
  }
  const outer = enter(0x22);
  const start = readPosition();
  const flag = takeNumber(0x08);
  if (flag < flagAbsent || flag > flagNil) spoil();
  takeBytes(0x12, 20);
  const address = contentLength == 20 ? <u32>contentStart : 0;
  const addressLength = contentLength;
  readTime(0x1a);
  takeBytes(0x22, 64);
  if (flag == flagAbsent && (addressLength != 0 || contentLength != 0 || !timeIsZero())) spoil();
  store<u32>(slot, <u32>flag);
  store<u32>(slot, address, 4);
  store<u32>(slot, <u32>contentStart, 8);
  store<u32>(slot, contentLength, 12);
  store<u32>(slot, <u32>timeStart, 16);
  store<u32>(slot, timeLength, 20);
  store<u32>(slot, <u32>start, 24);
  store<u32>(slot, <u32>(readPosition() - start), 28);
  leave(outer);
  commitCount++;
}

/** Commit {height 1, round 2, block_id 3, signatures 4}, with what ValidateBasic asks of it. */
export function readCommit(tag: u32): void {
  commitFits = true;
  commitCount = 0;
  slots = workTop();
  const outer = enter(tag);
  commitHeight = <i64>takeNumber(0x08);
  commitRound = <i64>takeNumber(0x10);
  if (commitHeight < 0 || commitRound < 0 || commitRound > 0x7fffffff) spoil();
  readBlockId(0x1a);
  commitIdStart = blockIdStart;
  commitIdLength = blockIdLength;
  commitIdIsZero = blockIdIsZero;
  commitHashStart = blockHashStart;
  commitHashLength = blockHashLength;
  while (nextIs(0x22)) readSlot();
  if (commitHeight >= 1 && (commitIdIsZero || commitCount == 0)) spoil();
  leave(outer);
  if (!readSound) commitCount = 0;
}

/** Merkle root of the CommitSigs: LastCommitHash of the block that follows. */
export function hashCommit(to: usize): void {
  merkleBegin();
  for (let i: u32 = 0; i < commitCount; i++) merkleLeaf(load<u32>(slotAt(i), 24), load<u32>(slotAt(i), 28));
  merkleFinish(to);
}
