// What messages of CometBFT have in common: timestamps and block ids, read and bounded (types/block.go, gogoproto's stdtime).

import { contentLength, contentStart, enter, leave, readPosition, spoil, takeBytes, takeNumber } from "./canonical";

/** First second of the year 1, which Go takes for no time, and of the year 10000. */
const secondsMin: i64 = -62135596800;
const secondsEnd: i64 = 253402300800;
const nanosEnd: u64 = 1_000_000_000;

/** Content of the timestamp read last. Canonical, so it is signed and hashed as it stands. */
export let timeStart: usize = 0;
export let timeLength: u32 = 0;
export let timeSeconds: i64 = 0;
export let timeNanos: u32 = 0;

export function timeIsZero(): bool {
  return timeSeconds == secondsMin && timeNanos == 0;
}

/** Timestamp {seconds 1, nanos 2}. */
export function readTime(tag: u32): void {
  const outer = enter(tag);
  timeStart = readPosition();
  timeSeconds = <i64>takeNumber(0x08);
  const nanos = takeNumber(0x10);
  if (timeSeconds < secondsMin || timeSeconds >= secondsEnd || nanos >= nanosEnd) spoil();
  timeNanos = <u32>nanos;
  timeLength = <u32>(readPosition() - timeStart);
  leave(outer);
}

/** Content of the block id read last, and its hash (length 0 or 32). */
export let blockIdStart: usize = 0;
export let blockIdLength: u32 = 0;
export let blockHashStart: usize = 0;
export let blockHashLength: u32 = 0;
/** Nothing in it but the empty part set header. */
export let blockIdIsZero: bool = false;

/** A hash field: 32 bytes or none. */
export function readHash(tag: u32): void {
  takeBytes(tag, 32);
  if (contentLength != 0 && contentLength != 32) spoil();
}

/** BlockID {hash 1, part_set_header 2 {total 1, hash 2}}. */
export function readBlockId(tag: u32): void {
  const outer = enter(tag);
  blockIdStart = readPosition();
  readHash(0x0a);
  blockHashStart = contentStart;
  blockHashLength = contentLength;
  const parts = enter(0x12);
  if (takeNumber(0x08) > 0xffffffff) spoil();
  readHash(0x12);
  leave(parts);
  blockIdLength = <u32>(readPosition() - blockIdStart);
  blockIdIsZero = blockIdLength == 2;
  leave(outer);
}
