// What a client's WebSocket frame may be: join, leave, ping, or a named message whose MessagePack body is plain and
// small. The room library decodes frames with a general decoder that trusts lengths, so they are checked before it.
// Limits: 2 KiB a frame, 4 levels, 64 values, names of 1 to 16 lower-case letters.

import { Protocol } from "@colyseus/core";

export const frameBytesMax = 2048;
const depthMax = 4;
const valuesMax = 64;

/** True for frames that the room may decode. */
export function frameIsPlain(frame: Uint8Array): boolean {
  const code = frame[0];
  if (code === undefined || frame.length > frameBytesMax) return false;
  if (code === Protocol.JOIN_ROOM || code === Protocol.LEAVE_ROOM || code === Protocol.PING) return true;
  if (code !== Protocol.ROOM_DATA) return false;
  // The name, as the schema library writes strings: a0 | length, then the bytes.
  const length = (frame[1] ?? 0) - 0xa0;
  if (length < 1 || length > 16 || frame.length < 2 + length) return false;
  for (let i = 2; i < 2 + length; i++) if (frame[i]! < 0x61 || frame[i]! > 0x7a) return false;
  const start = 2 + length;
  if (frame.length === start) return true;
  const reader = { frame, offset: start, values: 0 };
  return skipValue(reader, 0) && reader.offset === frame.length;
}

interface Reader {
  readonly frame: Uint8Array;
  offset: number;
  values: number;
}

/** Steps over one value; false for truncated, deep, many, or unusual ones (binary, extensions). */
function skipValue(reader: Reader, depth: number): boolean {
  const tag = reader.frame[reader.offset++];
  if (tag === undefined || depth > depthMax || ++reader.values > valuesMax) return false;
  if (tag <= 0x7f || tag >= 0xe0) return true;
  if (tag <= 0x8f) return skipMany(reader, (tag & 0x0f) * 2, depth);
  if (tag <= 0x9f) return skipMany(reader, tag & 0x0f, depth);
  if (tag <= 0xbf) return skipBytes(reader, tag & 0x1f);
  switch (tag) {
    case 0xc0:
    case 0xc2:
    case 0xc3:
      return true;
    case 0xca:
    case 0xce:
    case 0xd2:
      return skipBytes(reader, 4);
    case 0xcb:
    case 0xcf:
    case 0xd3:
      return skipBytes(reader, 8);
    case 0xcc:
    case 0xd0:
      return skipBytes(reader, 1);
    case 0xcd:
    case 0xd1:
      return skipBytes(reader, 2);
    case 0xd9:
      return skipBytes(reader, readLength(reader, 1));
    case 0xda:
      return skipBytes(reader, readLength(reader, 2));
    case 0xdc:
      return skipMany(reader, readLength(reader, 2), depth);
    case 0xde:
      return skipMany(reader, readLength(reader, 2) * 2, depth);
    default:
      return false;
  }
}

function skipMany(reader: Reader, count: number, depth: number): boolean {
  if (count > valuesMax) return false;
  for (let i = 0; i < count; i++) if (!skipValue(reader, depth + 1)) return false;
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
