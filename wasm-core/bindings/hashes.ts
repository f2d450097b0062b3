// Hashes of 32 bytes as callers hand them over: a list of single ones, or packed in one array, which is faster.

/** A list of hashes, or all of them one after the other. */
export type Hashes = Uint8Array | readonly Uint8Array[];

export const hashBytes = 32;

export function isHash(bytes: Uint8Array): boolean {
  return bytes.length === hashBytes;
}

/** How many there are; -1 when one has not 32 bytes. */
export function hashCount(hashes: Hashes): number {
  if (hashes instanceof Uint8Array) return hashes.length % hashBytes === 0 ? hashes.length / hashBytes : -1;
  for (let i = 0; i < hashes.length; i++) if (hashes[i]!.length !== hashBytes) return -1;
  return hashes.length;
}

/** Writes them one after the other. */
export function setHashes(to: Uint8Array, hashes: Hashes, at: number): void {
  if (hashes instanceof Uint8Array) {
    to.set(hashes, at);
    return;
  }
  for (let i = 0; i < hashes.length; i++) to.set(hashes[i]!, at + i * hashBytes);
}

/** @throws {RangeError} when one has not 32 bytes. */
export function packHashes(hashes: Hashes): Uint8Array<ArrayBuffer> {
  const count = requireHashes(hashes);
  const packed = new Uint8Array(count * hashBytes);
  setHashes(packed, hashes, 0);
  return packed;
}

/** How many there are. @throws {RangeError} when one has not 32 bytes. */
export function requireHashes(hashes: Hashes): number {
  const count = hashCount(hashes);
  if (count < 0) throw new RangeError("a hash has 32 bytes");
  return count;
}

/** A count or an index: whole, from 0 to 2^53 - 1. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** As u64, little-endian. */
export function setCount(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % 2 ** 32, true);
  view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
}
