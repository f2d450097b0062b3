// Random numbers of one case: the same for the same seed, target and case number, so that any case can be run again alone.
// sfc32 (Chris Doty-Humphrey, PractRand), seeded with three words and mixed by twelve rounds.

export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 1;

  reseed(seed: number, salt: number, index: number): void {
    this.#a = seed | 0;
    // Case numbers pass 2^32 nowhere, but the halves are mixed in apart so that they could.
    this.#b = (salt ^ Math.floor(index / 0x1_0000_0000)) | 0;
    this.#c = index | 0;
    this.#counter = 1;
    for (let i = 0; i < 12; i++) this.uint32();
  }

  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** Whole number from 0 to `bound` - 1; `bound` is at most 2^32. */
  below(bound: number): number {
    return Math.floor((this.uint32() / 0x1_0000_0000) * bound);
  }

  /** True once in `n` times. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  pick<T>(list: readonly T[]): T {
    const item = list[this.below(list.length)];
    if (item === undefined) throw new RangeError("nothing to pick from");
    return item;
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(length);
    for (let i = 0; i < length; i++) out[i] = this.uint32();
    return out;
  }
}

/** Turns a name into the salt of its random numbers (FNV-1a). */
export function saltOf(name: string): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x0100_0193);
  return hash >>> 0;
}
