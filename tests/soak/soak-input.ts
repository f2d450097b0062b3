// One case's input: bytes and numbers, made in place without allocating. Bytes grow at both ends, because the lengths of nested
// messages are known only when their contents stand: such messages are written from the back to the front.

import { Random } from "./random.ts";

/** Bytes of an input at most, before and after the middle each. */
const sideBytesMax = 1 << 19;
const numbersMax = 16;
const poolBytes = 1 << 16;

const poolRandom = new Random();
poolRandom.reseed(1, 2, 3);
/** Noise is copied from one pool: no parser can tell, and fresh bytes would take most of the time. */
const pool = poolRandom.bytes(poolBytes);

export class SoakInput {
  readonly buffer = new Uint8Array(2 * sideBytesMax);
  readonly numbers = new Float64Array(numbersMax);
  /** The input's bytes are those from `start` to before `end`. */
  start = sideBytesMax;
  end = sideBytesMax;
  /** Number of the case in its target. */
  index = 0;
  /** What the generator knows of the input, for checks and tallies. */
  note = "";

  reset(index: number): void {
    this.start = sideBytesMax;
    this.end = sideBytesMax;
    this.numbers.fill(0);
    this.index = index;
    this.note = "";
  }

  get length(): number {
    return this.end - this.start;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.buffer.subarray(this.start, this.end);
  }

  append(bytes: Uint8Array): void {
    this.buffer.set(bytes, this.end);
    this.end += bytes.length;
  }

  appendByte(byte: number): void {
    this.buffer[this.end++] = byte;
  }

  appendUint32(value: number): void {
    this.appendByte(value);
    this.appendByte(value >>> 8);
    this.appendByte(value >>> 16);
    this.appendByte(value >>> 24);
  }

  /** @throws {RangeError} beyond 64 KiB, or when the input is full: a fault of the generator. */
  appendNoise(random: Random, length: number): void {
    if (length > poolBytes || this.end + length > this.buffer.length) throw new RangeError(`${length} bytes of noise`);
    const from = random.below(poolBytes - length);
    this.buffer.set(pool.subarray(from, from + length), this.end);
    this.end += length;
  }

  prepend(bytes: Uint8Array): void {
    this.start -= bytes.length;
    this.buffer.set(bytes, this.start);
  }

  prependByte(byte: number): void {
    this.buffer[--this.start] = byte;
  }

  /** A varint of at most 32 bits. */
  prependVarint(value: number): void {
    if (value < 0x80) {
      this.prependByte(value);
      return;
    }
    let groups = 1;
    for (let rest = value >>> 7; rest > 0; rest >>>= 7) groups++;
    for (let i = groups - 1; i >= 0; i--) {
      const group = Math.floor(value / 2 ** (7 * i)) & 0x7f;
      // The most significant group stands last, so it is written first.
      this.prependByte(i === groups - 1 ? group : group | 0x80);
    }
  }

  prependNoise(random: Random, length: number): void {
    const from = random.below(poolBytes - length);
    this.start -= length;
    this.buffer.set(pool.subarray(from, from + length), this.start);
  }
}
