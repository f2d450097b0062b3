// A block's header, read and hashed (CometBFT v0.38, types/block.go Header.ValidateBasic and Header.Hash).

import { merkleBegin, merkleFinish, merkleLeaf } from "../merkle/root";
import { contentLength, enter, leave, readPosition, spoil, takeBytes, takeNumber } from "./canonical";
import {
  blockIdLength,
  blockIdStart,
  readBlockId,
  readHash,
  readTime,
  timeLength,
  timeNanos,
  timeSeconds,
  timeStart,
} from "./parts";

/** MaxChainIDLen. */
export const chainIdLengthMax: u32 = 50;
/** CometBFT sets no bound on the app hash. */
const appHashLengthMax: u32 = 256;
const fieldCount: u32 = 14;
/** Start and length of each field: embedded messages without their tag and length, the others with. */
const fields: usize = memory.data(112, 16);

export let headerProtocol: u64 = 0;
export let headerHeight: i64 = 0;
export let headerSeconds: i64 = 0;
export let headerNanos: u32 = 0;

function put(field: u32, start: usize, length: u32): void {
  store<u32>(fields + (<usize>field << 3), <u32>start);
  store<u32>(fields + (<usize>field << 3), length, 4);
}

/** Notes a field from its tag to where reading stands. */
function putFrom(field: u32, start: usize): void {
  put(field, start, <u32>(readPosition() - start));
}

function readHashField(field: u32): void {
  const start = readPosition();
  readHash((field << 3) | 2);
  putFrom(field - 1, start);
}

/** Header {version 1, chain_id 2, height 3, time 4, last_block_id 5, hashes 6 to 13, proposer_address 14}. */
export function readHeader(tag: u32): void {
  const outer = enter(tag);
  const version = enter(0x0a);
  let start = readPosition();
  headerProtocol = takeNumber(0x08);
  takeNumber(0x10);
  putFrom(0, start);
  leave(version);
  start = readPosition();
  takeBytes(0x12, chainIdLengthMax);
  putFrom(1, start);
  start = readPosition();
  headerHeight = <i64>takeNumber(0x18);
  putFrom(2, start);
  readTime(0x22);
  headerSeconds = timeSeconds;
  headerNanos = timeNanos;
  put(3, timeStart, timeLength);
  readBlockId(0x2a);
  put(4, blockIdStart, blockIdLength);
  for (let field: u32 = 6; field <= 10; field++) readHashField(field);
  start = readPosition();
  takeBytes(0x5a, appHashLengthMax);
  putFrom(10, start);
  readHashField(12);
  readHashField(13);
  start = readPosition();
  takeBytes(0x72, 20);
  if (contentLength != 20) spoil();
  putFrom(13, start);
  leave(outer);
}

/** Where a bytes or string field's content starts; its number counts from 1. */
export function headerFieldStart(field: u32): usize {
  const entry = fields + (<usize>(field - 1) << 3);
  return load<u32>(entry) + (load<u32>(entry, 4) > 129 ? 3 : 2);
}

export function headerFieldLength(field: u32): u32 {
  const length = load<u32>(fields + (<usize>(field - 1) << 3), 4);
  return length == 0 ? 0 : length - (length > 129 ? 3 : 2);
}

/** Content of last_block_id. */
export function lastBlockIdStart(): usize {
  return load<u32>(fields, 32);
}

export function lastBlockIdLength(): u32 {
  return load<u32>(fields, 36);
}

/**
 * Hash of the header that was read. Its scalars, strings and bytes are hashed as wrapper messages, whose one field has number 1:
 * the tags are changed where they stand, in the input, which is the call's own.
 */
export function hashHeader(to: usize): void {
  merkleBegin();
  for (let i: u32 = 0; i < fieldCount; i++) {
    const start = <usize>load<u32>(fields + (<usize>i << 3));
    const length = load<u32>(fields + (<usize>i << 3), 4);
    const isMessage = i == 0 || i == 3 || i == 4;
    if (length > 0 && !isMessage) store<u8>(start, i == 2 ? 0x08 : 0x0a);
    merkleLeaf(start, length);
  }
  merkleFinish(to);
}
