// Canonical sign bytes of a precommit (CometBFT v0.38, types/canonical.go): a length, then CanonicalVote.

import {
  blockIdLength,
  bytesFieldLength,
  varintFieldLength,
  writeBegin,
  writeBlockId,
  writeByte,
  writeBytesField,
  writeEnd,
  writeFixed64Field,
  writeTimestampField,
  writeVarint,
  writeVarintField,
} from "./proto";
import { recordFinished, takeBytes, takeI64, takeU32, takenLength } from "./record";

const precommit: u64 = 2;

/** Record: chain id, height, round, seconds, nanos, whether there is a block id, block id. Returns the length written, 0 when unsound. */
export function voteSignBytes(to: usize): u32 {
  const chain = takeBytes();
  const chainLength = takenLength;
  const height = takeI64();
  const round = takeI64();
  const seconds = takeI64();
  const nanos = <i32>takeU32();
  let hasBlock = takeU32() != 0;
  const hash = takeBytes();
  const hashLength = takenLength;
  const total = takeU32();
  const parts = takeBytes();
  const partsLength = takenLength;
  if (!recordFinished()) return 0;
  const block = blockIdLength(hashLength, total, partsLength);
  // A block id in which nothing is set is nil as well (BlockID.IsZero): nothing but the frame of the part set header.
  if (block == 2) hasBlock = false;
  const time = varintFieldLength(<u64>seconds) + varintFieldLength(<u64>nanos);
  let length = 2 + (height == 0 ? 0 : 9) + (round == 0 ? 0 : 9) + 2 + time + bytesFieldLength(chainLength);
  if (hasBlock) length += bytesFieldLength(block);
  writeBegin(to);
  writeVarint(length);
  writeVarintField(1, precommit);
  writeFixed64Field(2, height);
  writeFixed64Field(3, round);
  if (hasBlock) {
    writeByte(0x22);
    writeVarint(block);
    writeBlockId(hash, hashLength, total, parts, partsLength);
  }
  writeTimestampField(5, seconds, nanos);
  writeBytesField(6, chain, chainLength);
  return <u32>(writeEnd() - to);
}
