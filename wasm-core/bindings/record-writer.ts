// Writes the flat records that the core reads: little-endian numbers, byte strings as a u32 length with the bytes.

import { utf8Of } from "./utf8.ts";

/** Grows as needed; callers take the bytes out before they pass 64 KiB and a record. */
export class RecordWriter {
  #buffer = new Uint8Array(1024);
  #view = new DataView(this.#buffer.buffer);
  length = 0;

  /** @throws {RangeError} when it is not one: views would cut it, and another number would be hashed. */
  uint32(value: number): void {
    if (value >>> 0 !== value) throw new RangeError(`${value} is no uint32`);
    const at = this.#room(4);
    this.#view.setUint32(at, value, true);
  }

  /** An int64 or a uint64. @throws {RangeError} when it is neither. */
  int64(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value && BigInt.asUintN(64, value) !== value)
      throw new RangeError(`${value} has more than 64 bits`);
    const at = this.#room(8);
    this.#view.setBigInt64(at, value, true);
  }

  bytes(value: Uint8Array, lengthMax = 256): void {
    // Checked here as well as in the core, so that a huge string is not copied first.
    if (value.length > lengthMax) throw new RangeError(`a field is longer than ${lengthMax} bytes`);
    this.uint32(value.length);
    const at = this.#room(value.length);
    this.#buffer.set(value, at);
  }

  /** @throws {RangeError} when it has no UTF-8. */
  text(value: string): void {
    if (value.length > 256) throw new RangeError("a field is longer than 256 bytes");
    const bytes = utf8Of(value);
    if (bytes === null) throw new RangeError("a text has an unpaired surrogate");
    this.bytes(bytes);
  }

  /** What was written; the writer is then empty. The view holds until the next write. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = this.#buffer.subarray(0, this.length);
    this.length = 0;
    return bytes;
  }

  #room(length: number): number {
    const at = this.length;
    this.length += length;
    if (this.length > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(this.length, this.#buffer.length * 2));
      grown.set(this.#buffer);
      this.#buffer = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }
}
