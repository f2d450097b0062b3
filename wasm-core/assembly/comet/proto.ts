// Protocol Buffers: writing the messages that CometBFT hashes, and strict reading of hostile ones.
// Writing follows proto3 (default values are left out) into a buffer whose bound the callers guarantee by the bounds of their fields.

let at: usize = 0;

export function writeBegin(to: usize): void {
  at = to;
}

/** End of what was written. */
export function writeEnd(): usize {
  return at;
}

export function writeVarint(value: u64): void {
  while (value >= 0x80) {
    store<u8>(at++, <u8>(value | 0x80));
    value >>= 7;
  }
  store<u8>(at++, <u8>value);
}

export function writeByte(value: u32): void {
  store<u8>(at++, <u8>value);
}

export function writeRaw(from: usize, length: u32): void {
  memory.copy(at, from, length);
  at += length;
}

/** Field of wire type 0; nothing when zero. Negative numbers take ten bytes, as int64 does. */
export function writeVarintField(field: u32, value: u64): void {
  if (value == 0) return;
  writeByte(field << 3);
  writeVarint(value);
}

/** sfixed64 field; nothing when zero. */
export function writeFixed64Field(field: u32, value: i64): void {
  if (value == 0) return;
  writeByte((field << 3) | 1);
  store<i64>(at, value);
  at += 8;
}

/** bytes or string field; nothing when empty. */
export function writeBytesField(field: u32, from: usize, length: u32): void {
  if (length == 0) return;
  writeByte((field << 3) | 2);
  writeVarint(length);
  writeRaw(from, length);
}

/** Bytes that a varint takes. */
export function varintLength(value: u64): u32 {
  return value == 0 ? 1 : <u32>((70 - clz<u64>(value)) / 7);
}

export function varintFieldLength(value: u64): u32 {
  return value == 0 ? 0 : 1 + varintLength(value);
}

export function bytesFieldLength(length: u32): u32 {
  return length == 0 ? 0 : 1 + varintLength(length) + length;
}

/** Timestamp {seconds 1, nanos 2} as a field that is present even when empty. */
export function writeTimestampField(field: u32, seconds: i64, nanos: i32): void {
  writeByte((field << 3) | 2);
  writeVarint(varintFieldLength(<u64>seconds) + varintFieldLength(<u64>nanos));
  writeVarintField(1, <u64>seconds);
  writeVarintField(2, <u64>nanos);
}

/** BlockID {hash 1, part_set_header 2 {total 1, hash 2}}; the inner message is present even when empty. */
export function writeBlockId(hash: usize, hashLength: u32, total: u32, parts: usize, partsLength: u32): void {
  writeBytesField(1, hash, hashLength);
  writeByte(0x12);
  writeVarint(varintFieldLength(total) + bytesFieldLength(partsLength));
  writeVarintField(1, total);
  writeBytesField(2, parts, partsLength);
}

export function blockIdLength(hashLength: u32, total: u32, partsLength: u32): u32 {
  const header = varintFieldLength(total) + bytesFieldLength(partsLength);
  return bytesFieldLength(hashLength) + 1 + varintLength(header) + header;
}

/** Set by the last read that failed; a reader stops there. */
export let readFailed: bool = false;
/** Where the last read ended. */
export let readAt: usize = 0;

/** Reads a varint that ends before `end`. Sets `readAt`, or `readFailed`. Overlong forms past 64 bits fail. */
export function readVarint(from: usize, end: usize): u64 {
  let value: u64 = 0;
  let shift: u64 = 0;
  readFailed = false;
  while (from < end && shift < 64) {
    const byte = <u64>load<u8>(from++);
    if (shift == 63 && byte > 1) break;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      readAt = from;
      return value;
    }
    shift += 7;
  }
  readFailed = true;
  return 0;
}

/** Reads the length of a length-delimited field whose content lies before `end`; `readAt` is then its content. */
export function readLength(from: usize, end: usize): u32 {
  const length = readVarint(from, end);
  if (readFailed) return 0;
  if (length > <u64>(end - readAt)) {
    readFailed = true;
    return 0;
  }
  return <u32>length;
}
