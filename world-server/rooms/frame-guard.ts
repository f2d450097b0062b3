// What a client's WebSocket frame may be: join, leave, ping, or a named message whose MessagePack body is plain and
// small. The room library decodes frames with a general decoder that trusts lengths, so they are checked before it.
// Limits: 2 KiB a frame, 4 levels, 64 values, names of 1 to 16 lower-case letters.

import { Protocol } from "@colyseus/core";

export const frameBytesMax = 2048;
const depthMax = 4;
const valuesMax = 64;
const nameLengthMax = 16;

/** True for frames that the room may decode. */
export function frameIsPlain(frame: Uint8Array): boolean {
  const code = frame[0];
  if (code === undefined || frame.length > frameBytesMax) return false;
  if (code === Protocol.JOIN_ROOM || code === Protocol.LEAVE_ROOM || code === Protocol.PING) return true;
  if (code !== Protocol.ROOM_DATA) return false;
  const reader: Reader = { frame, offset: 1, values: 0, records: false };
  if (!skipName(reader)) return false;
  if (reader.offset === frame.length) return true;
  return (startsRecord(reader) ? skipRecord(reader) : skipValue(reader, 0)) && reader.offset === frame.length;
}

interface Reader {
  readonly frame: Uint8Array;
  offset: number;
  values: number;
  /** Once a record is defined, 40 to 7f mean records, not numbers. */
  records: boolean;
}

/** A message's name or an object's key: a0 | length, then letters. */
function skipName(reader: Reader): boolean {
  const { frame } = reader;
  const length = (frame[reader.offset] ?? 0) - 0xa0;
  const start = reader.offset + 1;
  if (length < 1 || length > nameLengthMax || start + length > frame.length) return false;
  for (let i = start; i < start + length; i++) if (frame[i]! < 0x61 || frame[i]! > 0x7a) return false;
  reader.offset = start + length;
  return true;
}

/** The client's packer writes an object as a record: d4 72 40, an array of keys, then the values (msgpackr, records). */
function startsRecord({ frame, offset }: Reader): boolean {
  return frame[offset] === 0xd4 && frame[offset + 1] === 0x72 && frame[offset + 2] === 0x40;
}

function skipRecord(reader: Reader): boolean {
  reader.offset += 3;
  const keys = (reader.frame[reader.offset++] ?? 0) - 0x90;
  if (keys < 0 || keys > 15) return false;
  for (let i = 0; i < keys; i++) if (!skipName(reader)) return false;
  reader.records = true;
  for (let i = 0; i < keys; i++) if (!skipValue(reader, 1)) return false;
  return true;
}

/** Steps over one value; false for truncated, deep, many, or unusual ones (binary, extensions). */
function skipValue(reader: Reader, depth: number): boolean {
  const tag = reader.frame[reader.offset++];
  if (tag === undefined || depth > depthMax || ++reader.values > valuesMax) return false;
  if (tag <= 0x3f || tag >= 0xe0) return true;
  if (tag <= 0x7f) return !reader.records;
  if (tag <= 0x8f) return skipMap(reader, tag & 0x0f, depth);
  if (tag <= 0x9f) return skipArray(reader, tag & 0x0f, depth);
  if (tag <= 0xbf) return skipBytes(reader, tag & 0x1f);
  const size = fixedSizes[tag];
  if (size !== undefined) return skipBytes(reader, size);
  switch (tag) {
    case 0xd9:
      return skipBytes(reader, readLength(reader, 1));
    case 0xda:
      return skipBytes(reader, readLength(reader, 2));
    case 0xdc:
      return skipArray(reader, readLength(reader, 2), depth);
    case 0xde:
      return skipMap(reader, readLength(reader, 2), depth);
    default:
      return false;
  }
}

/** Bytes after the tag of nil, booleans, floats and integers. */
const fixedSizes: Readonly<Record<number, number>> = {
  192: 0,
  194: 0,
  195: 0,
  202: 4,
  203: 8,
  204: 1,
  205: 2,
  206: 4,
  207: 8,
  208: 1,
  209: 2,
  210: 4,
  211: 8,
};

function skipArray(reader: Reader, count: number, depth: number): boolean {
  if (count > valuesMax) return false;
  for (let i = 0; i < count; i++) if (!skipValue(reader, depth + 1)) return false;
  return true;
}

function skipMap(reader: Reader, count: number, depth: number): boolean {
  if (count > valuesMax) return false;
  for (let i = 0; i < count; i++) if (!skipName(reader) || !skipValue(reader, depth + 1)) return false;
  return true;
}

function skipBytes(reader: Reader, count: number): boolean {
  reader.offset += count;
  return reader.offset <= reader.frame.length;
}

function readLength(reader: Reader, bytes: 1 | 2): number {
  const { frame, offset } = reader;
  reader.offset += bytes;
  const high = frame[offset] ?? 0xff;
  return bytes === 1 ? high : high * 256 + (frame[offset + 1] ?? 0xff);
}
