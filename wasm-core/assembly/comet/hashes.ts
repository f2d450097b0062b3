// Hashes of a block's parts as CometBFT v0.38 defines them: header (types/block.go Header.Hash), commit, validator set, consensus parameters.

import { merkleBegin, merkleFinish, merkleLeaf, merkleSettle } from "../merkle/root";
import { sha256Of } from "../sha256/digest";
import {
  writeBegin,
  writeBlockId,
  writeByte,
  writeBytesField,
  writeEnd,
  writeTimestampField,
  writeVarint,
  writeVarintField,
} from "./proto";
import { recordFinished, recordSound, takeBytes, takeI64, takeU32, takenLength } from "./record";

/** Messages wait here, so that several are hashed at once. The longest has two strings of 256 bytes. */
const waitingMax: u32 = 16;
const messageBytes: usize = 1024;
const messages: usize = memory.data(16384, 16);
let waiting: u32 = 0;
/** Where the next message goes. */
let scratch: usize = messages;

function pushScratch(): void {
  merkleLeaf(scratch, <u32>(writeEnd() - scratch));
  waiting++;
  scratch += messageBytes;
  if (waiting == waitingMax) takeWaiting();
}

/** Hashes what waits. Every call of the core ends with this. */
export function takeWaiting(): void {
  merkleSettle();
  waiting = 0;
  scratch = messages;
}

/** Takes the next string as a leaf of its own: StringValue and BytesValue have the same form. */
function pushValue(): void {
  const from = takeBytes();
  writeBegin(scratch);
  writeBytesField(1, from, takenLength);
  pushScratch();
}

/** Record: block and app version, chain id, height, seconds, nanos, last block id, nine strings. False when it is unsound. */
export function headerHash(to: usize): bool {
  merkleBegin();
  writeBegin(scratch);
  writeVarintField(1, <u64>takeI64());
  writeVarintField(2, <u64>takeI64());
  pushScratch();
  pushValue();
  writeBegin(scratch);
  writeVarintField(1, <u64>takeI64());
  pushScratch();
  const seconds = takeI64();
  const nanos = <i32>takeU32();
  writeBegin(scratch);
  writeVarintField(1, <u64>seconds);
  writeVarintField(2, <u64>nanos);
  pushScratch();
  const hash = takeBytes();
  const hashLength = takenLength;
  const total = takeU32();
  const parts = takeBytes();
  writeBegin(scratch);
  writeBlockId(hash, hashLength, total, parts, takenLength);
  pushScratch();
  for (let i = 0; i < 9; i++) pushValue();
  takeWaiting();
  merkleFinish(to);
  return recordFinished();
}

/** Takes one CommitSig {flag 1, address 2, timestamp 3 (always), signature 4} into the stream. */
export function commitSignature(): bool {
  const flag = takeU32();
  const address = takeBytes();
  const addressLength = takenLength;
  const seconds = takeI64();
  const nanos = <i32>takeU32();
  const signature = takeBytes();
  writeBegin(scratch);
  writeVarintField(1, flag);
  writeBytesField(2, address, addressLength);
  writeTimestampField(3, seconds, nanos);
  writeBytesField(4, signature, takenLength);
  pushScratch();
  return recordSound;
}

/** Takes one SimpleValidator {pub_key 1 {ed25519 1}, voting_power 2} into the stream. */
export function simpleValidator(): bool {
  const power = takeI64();
  const key = takeBytes();
  const length = takenLength;
  writeBegin(scratch);
  writeByte(0x0a);
  // A oneof is written even when its bytes are empty.
  writeVarint(1 + (length < 128 ? 1 : 2) + length);
  writeByte(0x0a);
  writeVarint(length);
  const end = writeEnd();
  memory.copy(end, key, length);
  writeBegin(end + length);
  writeVarintField(2, <u64>power);
  pushScratch();
  return recordSound;
}

/** sha256 of HashedParams {block_max_bytes 1, block_max_gas 2}. */
export function consensusHash(to: usize): bool {
  const bytes = takeI64();
  const gas = takeI64();
  writeBegin(scratch);
  writeVarintField(1, <u64>bytes);
  writeVarintField(2, <u64>gas);
  sha256Of(scratch, <u32>(writeEnd() - scratch), to);
  return recordFinished();
}
