// How records lie on disk: CRC-32 of all that follows (4 bytes, big end first), then 0 and the bytes, or 1, their length
// (4 bytes) and the bytes under Zstandard (RFC 8878). LevelDB does not check its own checksums when it reads, so each record has one.

import { crc32, constants as zlib, zstdCompressSync, zstdDecompressSync } from "node:zlib";

/** A record is not what was written. */
export class DamagedRecord extends Error {
  override readonly name = "DamagedRecord";
}

/** A block's transactions and more; nothing larger is ever written. */
const recordBytesMax = 64 * 1_048_576;
/** Below it compressing gains nothing. */
const compressedFrom = 200;
/** Fast, and no worse than slower levels on hex, of which transactions mostly are (see README.md). */
const compression = { params: { [zlib.ZSTD_c_compressionLevel]: 1 } };

export function sealRecord(bytes: Uint8Array): Uint8Array {
  const compressed = bytes.length < compressedFrom ? null : zstdCompressSync(bytes, compression);
  const shorter = compressed !== null && compressed.length + 4 < bytes.length ? compressed : null;
  const start = shorter === null ? 5 : 9;
  const record = Buffer.allocUnsafe(start + (shorter ?? bytes).length);
  record[4] = shorter === null ? 0 : 1;
  if (shorter !== null) record.writeUInt32BE(bytes.length, 5);
  record.set(shorter ?? bytes, start);
  record.writeUInt32BE(crc32(record.subarray(4)), 0);
  return record;
}

/** @throws {DamagedRecord} */
export function openRecord(sealed: Uint8Array): Uint8Array {
  const record = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.length);
  if (record.length < 5 || record.readUInt32BE(0) !== crc32(record.subarray(4)))
    throw new DamagedRecord("its checksum does not hold");
  if (record[4] === 0) return viewOf(record.subarray(5));
  const length = record.length < 9 ? Number.POSITIVE_INFINITY : record.readUInt32BE(5);
  if (record[4] !== 1 || length > recordBytesMax) throw new DamagedRecord("it has an unknown form");
  const bytes = zstdDecompressSync(record.subarray(9), { maxOutputLength: length });
  if (bytes.length !== length) throw new DamagedRecord("its length does not hold");
  return viewOf(bytes);
}

function viewOf(bytes: Buffer): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
