// The bytes of a bundle, written and read by one description: a coder that writes takes the value and answers it, one that reads
// answers what is there. Numbers are LEB128, as short as can be; bytes have their length before them. Everything has a bound.

import { fromUtf8, utf8 } from "../../protocol/bytes.ts";

export interface Coder {
  /** A whole number from 0 to `max`, at most 2^53 - 1. */
  whole(max: number, value: number | undefined): number;
  /** From 0 to 2^64 - 1. */
  long(value: bigint | undefined): bigint;
  /** From -2^63 to 2^63 - 1; small ones of either sign are short. */
  signed(value: bigint | undefined): bigint;
  /** Exactly `length` bytes. */
  fixed(length: number, value: Uint8Array | undefined): Uint8Array;
  /** At most `max` bytes. */
  bytes(max: number, value: Uint8Array | undefined): Uint8Array;
  /** At most `max` bytes of UTF-8. */
  text(max: number, value: string | undefined): string;
  /** At most `max` items, each coded by `item`. */
  list<T>(max: number, values: readonly T[] | undefined, item: (value: T | undefined) => T): readonly T[];
}

/** Writes. Every method throws a RangeError for a value beyond its bound. */
export class BundleWriter implements Coder {
  #buffer = new Uint8Array(4096);
  #length = 0;

  whole(max: number, value: number | undefined): number {
    const number = given(value);
    if (!Number.isSafeInteger(number) || number < 0 || number > max)
      throw new RangeError(`${number} is not a whole number up to ${max}`);
    this.long(BigInt(number));
    return number;
  }

  long(value: bigint | undefined): bigint {
    const number = given(value);
    if (number < 0n || number >> 64n !== 0n) throw new RangeError(`${number} has no place in 64 bits`);
    this.#room(10);
    let rest = number;
    for (; rest >= 0x80n; rest >>= 7n) this.#buffer[this.#length++] = Number(rest & 0x7fn) | 0x80;
    this.#buffer[this.#length++] = Number(rest);
    return number;
  }

  signed(value: bigint | undefined): bigint {
    const number = given(value);
    if (BigInt.asIntN(64, number) !== number) throw new RangeError(`${number} has no place in 64 bits`);
    this.long(BigInt.asUintN(64, (number << 1n) ^ (number >> 63n)));
    return number;
  }

  fixed(length: number, value: Uint8Array | undefined): Uint8Array {
    const bytes = given(value);
    if (bytes.length !== length) throw new RangeError(`${bytes.length} bytes instead of ${length}`);
    this.#room(length);
    this.#buffer.set(bytes, this.#length);
    this.#length += length;
    return bytes;
  }

  bytes(max: number, value: Uint8Array | undefined): Uint8Array {
    const bytes = given(value);
    this.whole(max, bytes.length);
    return this.fixed(bytes.length, bytes);
  }

  text(max: number, value: string | undefined): string {
    const text = given(value);
    if (!text.isWellFormed()) throw new RangeError("a text has a lone surrogate");
    this.bytes(max, utf8(text));
    return text;
  }

  list<T>(max: number, values: readonly T[] | undefined, item: (value: T | undefined) => T): readonly T[] {
    const all = given(values);
    this.whole(max, all.length);
    for (const value of all) item(value);
    return all;
  }

  /** A copy of what was written. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#buffer.slice(0, this.#length);
  }

  #room(length: number): void {
    if (this.#length + length <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(this.#length + length, this.#buffer.length * 2));
    grown.set(this.#buffer);
    this.#buffer = grown;
  }
}

/** Reads. Every method throws a RangeError for bytes that the writer would not have written. */
export class BundleReader implements Coder {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  whole(max: number): number {
    const number = this.long();
    if (number > BigInt(max)) throw new RangeError(`${number} is more than ${max}`);
    return Number(number);
  }

  long(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) break;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      if ((byte === 0 && shift > 0n) || value >> 64n !== 0n) break;
      return value;
    }
    throw new RangeError("a number is cut off, too wide, or longer than it must be");
  }

  signed(): bigint {
    const number = this.long();
    return (number >> 1n) ^ -(number & 1n);
  }

  fixed(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError("the bundle is cut off");
    const bytes = this.#bytes.slice(this.#at, end);
    this.#at = end;
    return bytes;
  }

  bytes(max: number): Uint8Array {
    return this.fixed(this.whole(max));
  }

  text(max: number): string {
    const bytes = this.bytes(max);
    // Three bytes that decoders otherwise leave out.
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
      throw new RangeError("a text begins with a byte order mark");
    try {
      return fromUtf8(bytes);
    } catch {
      throw new RangeError("a text is no UTF-8");
    }
  }

  list<T>(max: number, _: readonly T[] | undefined, item: (value: T | undefined) => T): readonly T[] {
    const count = this.whole(max);
    const all: T[] = [];
    for (let i = 0; i < count; i++) all.push(item(undefined));
    return all;
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new RangeError("there are bytes after the bundle's end");
  }
}

/** What a writer was handed; a reader never asks. */
function given<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError("a value is missing");
  return value;
}
