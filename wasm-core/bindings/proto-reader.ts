// Protocol Buffers, reading only, in the one form in which CometBFT writes (gogoproto): fields in ascending order, no defaults, no
// unknown fields, numbers as short as can be. Whatever ProtoWriter would write otherwise is a RangeError. Fields 1 to 15.

const nothing = new Uint8Array();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Ask for fields in ascending order, as ProtoWriter writes them, then call `end`. Every method throws a RangeError for other bytes. */
export class ProtoReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** An int64; 0 when it is not there. */
  signed(field: number): bigint {
    return BigInt.asIntN(64, this.unsigned(field));
  }

  /** A uint64; 0 when it is not there. */
  unsigned(field: number): bigint {
    if (!this.#next((field << 3) | 0)) return 0n;
    const value = this.#varint();
    if (value === 0n) throw new RangeError(`field ${field} is written though it is 0`);
    return value;
  }

  /** A number from 0 to `max`; 0 when it is not there. */
  small(field: number, max: number): number {
    const value = this.unsigned(field);
    if (value > BigInt(max)) throw new RangeError(`field ${field} is ${value}, at most ${max}`);
    return Number(value);
  }

  /** A view of the field's bytes, at most `max`; empty when it is not there. */
  bytes(field: number, max: number): Uint8Array {
    const found = this.element(field, max);
    if (found === null) return nothing;
    if (found.length === 0) throw new RangeError(`field ${field} is written though it is empty`);
    return found;
  }

  /** As bytes, in UTF-8. */
  text(field: number, max: number): string {
    const bytes = this.bytes(field, max);
    try {
      return decoder.decode(bytes);
    } catch {
      throw new RangeError(`field ${field} is no UTF-8`);
    }
  }

  /** A view of a repeated field's next element, or of a member of a oneof; null when there is none. */
  element(field: number, max: number): Uint8Array | null {
    if (!this.#next((field << 3) | 2)) return null;
    const length = this.#varint();
    const end = this.#at + Number(length);
    if (length > BigInt(max) || end > this.#bytes.length) throw new RangeError(`field ${field} is too long`);
    const found = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return found;
  }

  /** An embedded message, read to its end; null when it is not there. */
  optional<T>(field: number, read: (from: ProtoReader) => T): T | null {
    const bytes = this.element(field, this.#bytes.length);
    if (bytes === null) return null;
    const from = new ProtoReader(bytes);
    const value = read(from);
    from.end();
    return value;
  }

  /** An embedded message that is not nullable. */
  message<T>(field: number, read: (from: ProtoReader) => T): T {
    const value = this.optional(field, read);
    if (value === null) throw new RangeError(`message ${field} is missing`);
    return value;
  }

  /** The messages of a repeated field, at most `max`. */
  messages<T>(field: number, max: number, read: (from: ProtoReader) => T): T[] {
    const all: T[] = [];
    for (let next = this.optional(field, read); next !== null; next = this.optional(field, read)) {
      if (all.length === max) throw new RangeError(`field ${field} has more than ${max} elements`);
      all.push(next);
    }
    return all;
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new RangeError(`unexpected bytes at ${this.#at}`);
  }

  #next(tag: number): boolean {
    if (this.#bytes[this.#at] !== tag) return false;
    this.#at++;
    return true;
  }

  #varint(): bigint {
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
}
