// SHA-256 of messages of any length (FIPS 180-4), one by one and many at once.

import type { InputRegion } from "./input-region.ts";
import { pieceBytes } from "./input-region.ts";

export interface Sha256 {
  /** Digest of 32 bytes. Long messages go to the platform's own hash where the core was given one. */
  sha256(data: Uint8Array): Uint8Array<ArrayBuffer>;
  /**
   * Digests of values of `valueBytes` bytes each that lie together, 32 bytes each, packed in the values' order.
   * @throws {RangeError} when `valueBytes` is not a whole number from 1 on, or the length not a multiple of it.
   */
  sha256Many(values: Uint8Array, valueBytes: number): Uint8Array<ArrayBuffer>;
  /** Digests of messages of any lengths, 32 bytes each, packed in the messages' order. */
  sha256All(messages: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
}

/** The platform's own SHA-256, where it is synchronous. */
export interface NativeSha256 {
  /** Shortest message, in bytes, for which it is faster than the core. */
  readonly bytesMin: number;
  readonly digest: (data: Uint8Array) => Uint8Array<ArrayBuffer>;
}

export interface Sha256Exports {
  readonly digestOf: (from: number, length: number) => void;
  readonly digestPacked: (from: number, count: number, size: number, to: number, leaf: number) => void;
  readonly digestBegin: (leaf: number) => void;
  readonly digestUpdate: (from: number, length: number) => void;
  readonly digestFinish: () => void;
  readonly digestList: (list: number, count: number, leaf: number) => void;
}

export const sha256ExportNames = [
  "digestOf",
  "digestPacked",
  "digestBegin",
  "digestUpdate",
  "digestFinish",
  "digestList",
] as const satisfies readonly (keyof Sha256Exports)[];

/** Takes a message in, as a Merkle leaf or plainly; the digest is then under way in the core. */
export function streamDigest(exports: Sha256Exports, region: InputRegion, data: Uint8Array, leaf: boolean): void {
  exports.digestBegin(leaf ? 1 : 0);
  for (let from = 0; from < data.length; from += pieceBytes) {
    const piece = data.subarray(from, from + pieceBytes);
    exports.digestUpdate(region.place(piece), piece.length);
  }
}

/** Bytes of an entry of a list: start, length and target as u32. */
const entryBytes = 12;

/**
 * Digests of many messages into `digests`, 32 bytes each; with `leaf` those of Merkle leaves. A call of the core takes as many
 * messages as fit in one piece with their entries and digests; longer ones are streamed.
 */
export function digestAll(
  exports: Sha256Exports,
  region: InputRegion,
  messages: readonly Uint8Array[],
  leaf: boolean,
): Uint8Array<ArrayBuffer> {
  const digests = new Uint8Array(messages.length * 32);
  let first = 0;
  while (first < messages.length) {
    let end = first;
    let bytes = 0;
    while (end < messages.length) {
      const more = messages[end]!.length + entryBytes + 32;
      if (bytes + more > pieceBytes) break;
      bytes += more;
      end++;
    }
    if (end === first) {
      streamDigest(exports, region, messages[first]!, leaf);
      exports.digestFinish();
      digests.set(region.outputView(32), first * 32);
      first++;
      continue;
    }
    const count = end - first;
    const list = region.reserve(bytes);
    const view = region.bytes();
    const entries = new Uint32Array(view.buffer, list, count * 3);
    const targets = list + count * entryBytes;
    let at = targets + count * 32;
    for (let i = 0; i < count; i++) {
      const message = messages[first + i]!;
      view.set(message, at);
      entries[3 * i] = at;
      entries[3 * i + 1] = message.length;
      entries[3 * i + 2] = targets + 32 * i;
      at += message.length;
    }
    exports.digestList(list, count, leaf ? 1 : 0);
    digests.set(view.subarray(targets, targets + count * 32), first * 32);
    first = end;
  }
  return digests;
}

/** @throws {RangeError} when `bytes` is not a whole number of values of `size` bytes, or `size` not a whole number from 1 on. */
export function requirePacked(bytes: Uint8Array, size: number): void {
  if (!Number.isSafeInteger(size) || size < 1) throw new RangeError(`values have at least 1 byte, not ${size}`);
  if (bytes.length % size !== 0) throw new RangeError(`${bytes.length} bytes are not whole values of ${size} bytes`);
}

/** As `digestAll`, of values of one size that lie together. @throws {RangeError} as `requirePacked`. */
export function digestPacked(
  exports: Sha256Exports,
  region: InputRegion,
  values: Uint8Array,
  size: number,
  leaf: boolean,
): Uint8Array<ArrayBuffer> {
  requirePacked(values, size);
  const count = values.length / size;
  const digests = new Uint8Array(count * 32);
  const perPiece = Math.floor(pieceBytes / (size + 32));
  if (perPiece === 0) {
    for (let i = 0; i < count; i++) {
      streamDigest(exports, region, values.subarray(i * size, (i + 1) * size), leaf);
      exports.digestFinish();
      digests.set(region.outputView(32), i * 32);
    }
    return digests;
  }
  for (let first = 0; first < count; first += perPiece) {
    const last = Math.min(first + perPiece, count);
    const piece = values.subarray(first * size, last * size);
    const targets = region.reserve(piece.length + (last - first) * 32);
    const from = targets + (last - first) * 32;
    const view = region.bytes();
    view.set(piece, from);
    exports.digestPacked(from, last - first, size, targets, leaf ? 1 : 0);
    digests.set(view.subarray(targets, from), first * 32);
  }
  return digests;
}

export function bindSha256(exports: Sha256Exports, region: InputRegion, native?: NativeSha256): Sha256 {
  const nativeBytesMin = native?.bytesMin ?? Number.POSITIVE_INFINITY;
  return {
    sha256(data) {
      if (data.length >= nativeBytesMin) return native!.digest(data);
      if (data.length <= pieceBytes) {
        exports.digestOf(region.place(data), data.length);
      } else {
        streamDigest(exports, region, data, false);
        exports.digestFinish();
      }
      return region.output(32);
    },
    sha256Many(values, valueBytes) {
      return digestPacked(exports, region, values, valueBytes, false);
    },
    sha256All(messages) {
      return digestAll(exports, region, messages, false);
    },
  };
}
