// Protocol Buffers read only in the one form in which CometBFT writes them (gogoproto): fields in ascending order, each once, none
// that is unknown, shortest varints, no defaults written, embedded messages that are not nullable always there. CometBFT itself reads
// more and encodes anew what it hashes; here everything else is refused, so that what was read can be hashed and signed as it stands.
// All tags have one byte. After the first flaw nothing more is found: readers go on, find everything absent, and ask at the end.

let at: usize = 0;
let limit: usize = 0;
/** False once anything was not as CometBFT writes it. */
export let readSound: bool = false;
/** Where the first flaw was. */
export let flawAt: usize = 0;
/** The content that was found last. */
export let contentStart: usize = 0;
export let contentLength: u32 = 0;

export function readBegin(from: usize, length: u32): void {
  at = from;
  limit = from + length;
  readSound = true;
}

/** True when everything was read and is sound. */
export function readFinished(): bool {
  if (readSound && at != limit) spoil();
  return readSound;
}

/** Where reading stands. */
export function readPosition(): usize {
  return at;
}

/** Declares what was read unsound. */
export function spoil(): void {
  if (readSound) flawAt = at;
  readSound = false;
  at = limit;
}

/** True when a field with this tag comes next. */
export function nextIs(tag: u32): bool {
  return at < limit && load<u8>(at) == tag;
}

function takeVarint(): u64 {
  let value: u64 = 0;
  let shift: u64 = 0;
  while (at < limit && shift < 64) {
    const byte = <u64>load<u8>(at++);
    if (shift == 63 && byte > 1) break;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      if (byte == 0 && shift > 0) break;
      return value;
    }
    shift += 7;
  }
  spoil();
  return 0;
}

/** A scalar field's number; 0 when it is not there. A zero that is written spoils. */
export function takeNumber(tag: u32): u64 {
  if (!nextIs(tag)) return 0;
  at++;
  const value = takeVarint();
  if (value == 0) spoil();
  return value;
}

/** Finds the content of the length-delimited field at hand. */
function takeContent(): void {
  at++;
  const length = takeVarint();
  if (length > <u64>(limit - at)) {
    spoil();
    contentLength = 0;
    return;
  }
  contentStart = at;
  contentLength = <u32>length;
}

/** An element of a repeated field, or a member of a oneof: there even when empty. Only after `nextIs`. */
export function takeElement(): void {
  takeContent();
  at += contentLength;
}

/** A bytes or string field of at most `lengthMax` bytes; length 0 when it is not there. An empty one that is written spoils. */
export function takeBytes(tag: u32, lengthMax: u32): void {
  contentLength = 0;
  if (!nextIs(tag)) return;
  takeElement();
  if (contentLength == 0 || contentLength > lengthMax) {
    spoil();
    contentLength = 0;
  }
}

/** As the tag of a message that is not embedded. */
export const wholeInput: u32 = 0;

/** Enters an embedded message, which must be there. Gives the outer limit, which `leave` takes back. */
export function enter(tag: u32): usize {
  const outer = limit;
  if (tag == wholeInput) return outer;
  if (!nextIs(tag)) {
    spoil();
    return outer;
  }
  takeContent();
  if (readSound) limit = at + contentLength;
  return outer;
}

/** Leaves an embedded message, of which nothing may be left. */
export function leave(outer: usize): void {
  if (at != limit) spoil();
  limit = outer;
  if (!readSound) at = limit;
}
