// The flat form in which bindings hand in records: little-endian numbers, and byte strings as a u32 length with the bytes.
// Read once, from front to back. A string beyond its bound, or past the record's end, spoils the record.

import { isInput } from "../memory";

/** Longest byte string in a record: chain ids have at most 50 characters, hashes 32 bytes, signatures 64. */
export const fieldBytesMax: u32 = 256;

let at: usize = 0;
let end: usize = 0;
/** False once anything was out of bounds. */
export let recordSound: bool = true;
/** Length of the string that `takeBytes` found last. */
export let takenLength: u32 = 0;

/** Starts reading at `from`; what does not lie in the input is unsound and not read. */
export function recordBegin(from: usize, length: u32): void {
  recordSound = isInput(from, length);
  at = from;
  end = recordSound ? from + length : from;
}

/** True when everything was read and nothing was out of bounds. */
export function recordFinished(): bool {
  return recordSound && at == end;
}

export function takeI64(): i64 {
  if (end - at < 8) {
    recordSound = false;
    return 0;
  }
  at += 8;
  return load<i64>(at - 8);
}

export function takeU32(): u32 {
  if (end - at < 4) {
    recordSound = false;
    return 0;
  }
  at += 4;
  return load<u32>(at - 4);
}

/** Start of a byte string of at most `fieldBytesMax`; its length is in `takenLength`. */
export function takeBytes(): usize {
  return takeBytesOf(fieldBytesMax);
}

/** As `takeBytes`, of any length. */
export function takeLongBytes(): usize {
  return takeBytesOf(u32.MAX_VALUE);
}

function takeBytesOf(lengthMax: u32): usize {
  const length = takeU32();
  if (!recordSound || length > lengthMax || length > <u32>(end - at)) {
    recordSound = false;
    takenLength = 0;
    return at;
  }
  takenLength = length;
  at += length;
  return at - length;
}
