// Protocol Buffers, reading only, as much as stored blocks need: varints, embedded messages, bytes. Unknown fields are refused,
// since what is stored is what CometBFT v0.38 writes.

import { fromUtf8 } from "../protocol/bytes.ts";

export class ProtoReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Where the next field begins. */
  get offset(): number {
    return this.#at;
  }

  /** The next field's number; null at the end. Its value is then read by one of the methods below. */
  field(): number | null {
    if (this.#at === this.#bytes.length) return null;
    const tag = Number(this.#varint());
    const wireType = tag & 7;
    if (wireType !== 0 && wireType !== 2) throw new RangeError(`wire type ${wireType} is not read`);
    return tag >>> 3;
  }

  /** An int64 or a smaller number. */
  signed(): bigint {
    return BigInt.asIntN(64, this.#varint());
  }

  unsigned(): bigint {
    return this.#varint();
  }

  /** A view of the field's bytes. */
  bytes(): Uint8Array {
    const length = Number(this.#varint());
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError("a field is cut off");
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  text(): string {
    return fromUtf8(this.bytes());
  }

  /** Reads an embedded message: `read` is called for each of its fields. */
  message(read: (field: number, from: ProtoReader) => void): void {
    const inner = new ProtoReader(this.bytes());
    for (let field = inner.field(); field !== null; field = inner.field()) read(field, inner);
  }

  #varint(): bigint {
    let value = 0;
    let scale = 1;
    // Seven bytes fit a double; longer ones are rare (negative numbers).
    for (let count = 0; count < 7; count++) {
      const byte = this.#next();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return BigInt(value);
      scale *= 0x80;
    }
    let wide = BigInt(value);
    for (let shift = 49n; shift <= 63n; shift += 7n) {
      const byte = this.#next();
      wide |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, wide);
    }
    throw new RangeError("a varint has more than ten bytes");
  }

  #next(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new RangeError("a number is cut off");
    return byte;
  }
}

export function unknownField(message: string, field: number): RangeError {
  return new RangeError(`${message} has an unknown field ${field}`);
}
