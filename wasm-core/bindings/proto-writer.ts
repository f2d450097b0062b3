// Protocol Buffers, writing only, in the form in which CometBFT writes (gogoproto): no defaults, embedded messages that are not
// nullable and repeated elements always there. Fields 1 to 15.

import { utf8Of } from "./utf8.ts";

/** Grows as needed. Write fields in ascending order. */
export class ProtoWriter {
  #buffer = new Uint8Array(1024);
  #length = 0;

  /**
   * An integer of any width up to 64 bits; nothing when 0. Negative ones take ten bytes.
   * @throws {RangeError} when it fits neither int64 nor uint64, or is no integer.
   */
  number(field: number, value: number | bigint): void {
    if (value === 0 || value === 0n) return;
    this.#room(11);
    this.#buffer[this.#length++] = field << 3;
    if (value > 0 && Number.isSafeInteger(Number(value))) {
      this.#varint(Number(value));
      return;
    }
    const wide = BigInt(value);
    let rest = BigInt.asUintN(64, wide);
    if (rest !== wide && BigInt.asIntN(64, wide) !== wide) throw new RangeError(`${value} has more than 64 bits`);
    for (; rest >= 0x80n; rest >>= 7n) this.#buffer[this.#length++] = Number(rest & 0x7fn) | 0x80;
    this.#buffer[this.#length++] = Number(rest);
  }

  /** Bytes; nothing when empty. */
  bytes(field: number, value: Uint8Array): void {
    if (value.length > 0) this.element(field, value);
  }

  /** As bytes, in UTF-8. @throws {RangeError} when it has none. */
  text(field: number, value: string): void {
    const bytes = utf8Of(value);
    if (bytes === null) throw new RangeError("a text has an unpaired surrogate");
    this.bytes(field, bytes);
  }

  /** An element of a repeated field of bytes, or a member of a oneof: there even when empty. */
  element(field: number, value: Uint8Array): void {
    this.#room(6 + value.length);
    this.#buffer[this.#length++] = (field << 3) | 2;
    this.#varint(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  /** An embedded message, there even when empty. */
  message(field: number, write: () => void): void {
    this.#room(2);
    this.#buffer[this.#length++] = (field << 3) | 2;
    const start = ++this.#length;
    write();
    const length = this.#length - start;
    this.#length = start - 1;
    if (length >= 0x80) {
      // The length takes more than the one byte that was left for it.
      const lengthBytes = Math.ceil((32 - Math.clz32(length)) / 7);
      this.#room(lengthBytes + length);
      this.#buffer.copyWithin(start - 1 + lengthBytes, start, start + length);
    }
    this.#varint(length);
    this.#length += length;
  }

  /** A copy of what was written. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#buffer.slice(0, this.#length);
  }

  #varint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#buffer[this.#length++] = (rest % 0x80) | 0x80;
    this.#buffer[this.#length++] = rest;
  }

  #room(length: number): void {
    const needed = this.#length + length;
    if (needed <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    grown.set(this.#buffer);
    this.#buffer = grown;
  }
}
