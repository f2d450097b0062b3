// Arguments from bytes: the same bytes make the same call, so a call can be written down, replayed and made smaller.

export class Entropy {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** 0 once the bytes are used up. */
  byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  /** Whole number from 0 to `bound` - 1, for bounds up to 2^16. */
  below(bound: number): number {
    return ((this.byte() << 8) | this.byte()) % bound;
  }

  oneIn(n: number): boolean {
    return this.below(n) === 1;
  }

  pick<T>(list: readonly T[]): T {
    const item = list[this.below(list.length)];
    if (item === undefined) throw new RangeError("nothing to pick from");
    return item;
  }

  bytes(length: number): Uint8Array {
    const out = new Uint8Array(length);
    out.set(this.#bytes.subarray(this.#at, this.#at + length));
    this.#at += length;
    return out;
  }

  int64(): bigint {
    let value = 0n;
    for (let i = this.below(9); i > 0; i--) value = (value << 8n) | BigInt(this.byte());
    return BigInt.asIntN(64, this.oneIn(4) ? -value : value);
  }

  list<T>(countMax: number, item: () => T): T[] {
    return Array.from({ length: this.below(countMax + 1) }, item);
  }
}
